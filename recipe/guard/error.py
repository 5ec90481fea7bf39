"""The error of the guard, and access to a setting."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

ABSENT = object()
"""The value of a key that a configuration does not have."""


class SettingError(ValueError):
    """A setting or an input that would end the run later, be ignored, or train something else than asked."""


def setting(config: DictConfig, key: str, default: Any = None) -> Any:
    """Return the value of a dotted key, `default` where it has none. Raises SettingError if it cannot be resolved."""
    try:
        return OmegaConf.select(config, key, default=default)
    except Exception as error:
        raise SettingError(f"{key} must have a value, got none: {str(error).splitlines()[0]}") from error

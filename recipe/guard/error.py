"""The error of the guard, and access to settings."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

ABSENT = object()
"""The value of a key that a configuration does not have."""


class SettingError(ValueError):
    """A setting or an input that would end the run later, be ignored, or train something else than asked."""


def setting(config: DictConfig, key: str, default: Any = None) -> Any:
    """Return the value of a dotted key, `default` where there is no such key. Raises SettingError if it has no value."""
    try:
        return OmegaConf.select(config, key, default=default, throw_on_missing=True)
    except Exception as error:
        raise SettingError(f"{key} must have a value, got none: {str(error).splitlines()[0]}") from error


def required(config: DictConfig, key: str) -> Any:
    """Return the value of a dotted key. Raises SettingError where there is no such key, or it has no value."""
    value = setting(config, key, ABSENT)
    if value is ABSENT:
        raise SettingError(f"{key} must be set, got no such setting; add it, or correct the group that should hold it")
    return value

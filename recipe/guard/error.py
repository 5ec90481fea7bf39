"""The error of the guard, and access to settings."""

from typing import Any

from omegaconf import DictConfig, OmegaConf

ABSENT = object()
"""The value of a key that a configuration does not have."""


class SettingError(ValueError):
    """A setting or an input that would end the run later, be ignored, or train something else than asked."""


def setting(config: DictConfig, key: str, default: Any = None) -> Any:
    """Return the value of a dotted key, or `default` if the key is missing. Raises SettingError for a mandatory value (???)."""
    try:
        return OmegaConf.select(config, key, default=default, throw_on_missing=True)
    except Exception as error:
        raise SettingError(f"{key} must have a value, got none: {str(error).splitlines()[0]}") from error


def required(config: DictConfig, key: str) -> Any:
    """Return the value of a dotted key. Raises SettingError if the key or its value is missing."""
    value = setting(config, key, ABSENT)
    if value is ABSENT:
        raise SettingError(f"{key} must be set, got no such setting; add it, or correct the group that should hold it")
    return value

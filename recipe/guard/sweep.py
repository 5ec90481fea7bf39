"""Give every point of a sweep a folder of its own, by hydra's interpolation of the settings that are swept.

`--multirun +recipe=iea iea.w=0.5,0.7` saves in `stage2_w0.5` and `stage2_w0.7`. In one folder the second point would resume from
the last checkpoint of the first, and train nothing. `iea_name` makes a path, a list or a long value a plain name.
"""

import re
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from iea.recipe.guard.error import SettingError
from iea.recipe.overrides import interpolated

FOLDER, NAME = "trainer.default_local_dir", "trainer.experiment_name"
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")


def separate_points(config: DictConfig) -> None:
    """Add an override to the task's, so that the folders of all points differ; nothing where they differ already.

    Raises
    ------
    SettingError : the sweep is over a group of configurations, whose name no setting holds
    """
    swept = swept_keys(config)
    raw = OmegaConf.to_container(config, resolve=False)
    named = _referenced(raw, FOLDER)
    missing = [key for key in swept if key not in named]
    if not missing:
        return
    if groups := [key for key in missing if "." not in key or "@" in key]:
        raise SettingError(
            f"a sweep must be over settings, such as iea.w=0.5,0.7, got one over the group {groups[0]!r}, whose points "
            "would share a folder; start them one by one, each with its own trainer.experiment_name"
        )
    point = "".join(f"_{key.rpartition('.')[2]}${{iea_name:${{{key}}}}}" for key in missing)
    key = NAME if NAME in named else FOLDER
    config.hydra.overrides.task.append(interpolated(key, f"{_value(raw, key)}{point}"))


def swept_keys(config: DictConfig) -> list[str]:
    """Return the keys of the overrides, and of the sweeper's parameters, that have several values."""
    params = OmegaConf.select(config, "hydra.sweeper.params") or {}
    task: Any = OmegaConf.to_container(config.hydra.overrides.task, resolve=False)  # values may refer to settings
    lines = [*task, *(f"{key}={value}" for key, value in params.items())]
    parsed = OverridesParser.create().parse_overrides(lines)
    return list(dict.fromkeys(one.get_key_element().lstrip("+") for one in parsed if one.is_sweep_override()))


def _referenced(raw: Any, key: str) -> set[str]:
    """Return the key and every key that its value depends on."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _REFERENCE.findall(str(_value(raw, one)))
    return found


def _value(raw: Any, key: str) -> Any:
    for part in key.split("."):
        raw = raw.get(part) if isinstance(raw, dict) else None
    return raw

"""Reject a value of another kind than the default's, and names that verl does not know.

`trainer.val_before_train=no` is a text, which Python takes for true; `algorithm=null` or `trainer.test_freq=often` fails after
minutes. A setting may have the kind of verl's own default, or of that of our recipes for the same trainer.
"""

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from iea.recipe.config import compose_recipe
from iea.recipe.guard.error import ABSENT, SettingError, setting
from iea.recipe.guard.settings import ACTOR, FUNCTION, ROLLOUT, RULES, SAMPLER

KINDS = {"bool": "true or false", "number": "a number", "list": "a list", "group": "a group of settings"}
OTHERS = ("trainer.logger", "iea.terms", *(key for _, _, keys in RULES for key in keys))
"""Settings with a rule of their own."""

_CONTENTS = ("model", "optimizer", "extra", "hf_model")
_SCHEDULES, _STRATEGIES = ("constant", "cosine"), ("fsdp", "fsdp2")
NAMES: Mapping[str, Sequence[str]] = {
    "algorithm.adv_estimator": (
        *("gae", "grpo", "grpo_passk", "grpo_vectorized", "reinforce_plus_plus", "reinforce_plus_plus_baseline"),
        *("remax", "rloo", "rloo_vectorized", "opo", "gpg", "gdpo", "optimal_token_baseline"),
        "tir_optimal_token_baseline",
    ),
    f"{ROLLOUT}.name": ("vllm", "sglang", "trtllm"),
    f"{ACTOR}.strategy": _STRATEGIES,
    "engine.strategy": _STRATEGIES,
    f"{ACTOR}.optim.lr_scheduler_type": _SCHEDULES,
    "optim.lr_scheduler_type": _SCHEDULES,
    "data.truncation": ("error", "left", "right", "middle"),
    "trainer.logger": (
        *("console", "file", "tensorboard", "wandb", "mlflow", "swanlab", "vemlp_wandb", "clearml", "trackio"),
        "rl_insight",
    ),
    **{
        f"{owner}checkpoint.{key}": _CONTENTS
        for owner in ("", f"{ACTOR}.")
        for key in ("save_contents", "load_contents")
    },
}
"""Setting -> the names, one or a list, that verl 0.9.1 knows for checkpoints of FSDP, as here."""

OWN = {
    f"{FUNCTION}.path": f"{FUNCTION}.name",
    f"{SAMPLER}.custom_sampler.path": f"{SAMPLER}.custom_sampler.name",
    "data.custom_cls.path": "data.custom_cls.name",
}
"""Setting with the place of a module, `pkg://NAME` or a file -> setting with the name in it."""


def refuse_other_kinds(config: DictConfig) -> None:
    """Raise SettingError if a bool, a number, a list or a group of the defaults has become something else."""
    defaults = default_kinds("ppo_trainer" if "actor_rollout_ref" in config else "sft_trainer_engine")
    for key, value in _settings(config, references=False):
        allowed = defaults.get(key, frozenset())
        if key in OTHERS or not allowed <= {*KINDS, "null"} or not allowed or kind_of(value) in allowed:
            continue
        kinds = " or ".join(KINDS.get(kind, kind) for kind in sorted(allowed))
        remedy = "set its members one by one" if allowed == {"group"} else "correct the setting"
        raise SettingError(f"{key} must be {kinds}, got {value!r}; {remedy}")


@cache
def default_kinds(trainer: str) -> Mapping[str, frozenset[str]]:
    """Return setting -> the kinds of its defaults; only settings that are not always null."""
    recipe = "iea" if trainer == "ppo_trainer" else "iea_sft"
    kinds: dict[str, set[str]] = {}
    for overrides in ([], [f"+recipe={recipe}"], [f"+recipe={recipe}_cpu"]):
        for key, value in _settings(compose_recipe(trainer, overrides), references=True):
            kinds.setdefault(key, set()).add(kind_of(value))
    return {key: frozenset(found) for key, found in kinds.items() if found != {"null"}}


def kind_of(value: Any) -> str:
    """Return the kind of a value: bool, number, list, group, null or text."""
    if OmegaConf.is_config(value):
        return "group" if OmegaConf.is_dict(value) else "list"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "null" if value is None else "text"


def _settings(node: DictConfig, path: str = "", *, references: bool) -> Iterator[tuple[str, Any]]:
    """Yield all keys and values, parents first; `references`: those too that take the value of another setting."""
    for name in map(str, node):
        key = f"{path}{name}"
        if not references and OmegaConf.is_interpolation(node, name):
            continue
        try:
            value = node[name]
        except OmegaConfBaseException:  # without a value, or a reference to one
            continue
        yield key, value
        if OmegaConf.is_dict(value):
            yield from _settings(value, f"{key}.", references=references)


def refuse_unknown_names(config: DictConfig) -> None:
    """Raise SettingError if a setting names something that verl or a module does not have."""
    for key, known in NAMES.items():
        value = setting(config, key, ABSENT)
        given = list(value) if OmegaConf.is_list(value) and key.endswith(("contents", "logger")) else [value]
        if value is not ABSENT and (unknown := [name for name in given if name not in known]):
            raise SettingError(f"{key} must be among {', '.join(known)}, got {unknown[0]!r}; correct the name")
    saved = setting(config, f"{f'{ACTOR}.' if 'actor_rollout_ref' in config else ''}checkpoint.save_contents")
    if "model" not in saved and setting(config, "trainer.save_freq") != -1:
        raise SettingError(
            f"checkpoint.save_contents must hold model, from which a run resumes, got {list(saved)}; add it"
        )
    for path, name in OWN.items():
        if (place := setting(config, path)) is not None:
            _refuse_missing_module(path, str(place), name, setting(config, name))
        elif path.startswith(FUNCTION) and "actor_rollout_ref" in config:
            raise SettingError(f"{path} must be the place of a reward, which verl lacks for our rows, got null")
    _refuse_missing_libraries(config)


def _refuse_missing_libraries(config: DictConfig) -> None:
    is_rl = "actor_rollout_ref" in config
    key = "actor_rollout_ref.model.external_lib" if is_rl else "model.external_lib"
    given = setting(config, key)
    for library in given if OmegaConf.is_list(given) else [] if given is None else [given]:
        _refuse_missing_module(key, f"pkg://{library}", "", None)
    loop = setting(config, f"{ROLLOUT}.agent.default_agent_loop")
    if given is None and is_rl and str(loop).startswith("iea_"):
        raise SettingError(
            f"{key} must name the module of the agent loop {loop!r}, got null; leave it as in the recipe"
        )


def _refuse_missing_module(key: str, place: str, name_key: str, name: object) -> None:
    module = place.removeprefix("pkg://")
    if module == place:
        origin = place.removeprefix("file://") if os.path.isfile(place.removeprefix("file://")) else None
    else:
        try:
            spec = find_spec(module)
        except (ImportError, ValueError, AttributeError):
            spec = None
        origin = (spec.origin or "built-in") if spec else None
    if origin is None:
        raise SettingError(f"{key} must be a module that exists, pkg://NAME or a file, got {place!r}; correct the name")
    if name_key and not (isinstance(name, str) and (not module.startswith("iea.") or name in _names_in(origin))):
        raise SettingError(f"{name_key} must be a name in {place}, got {name!r}; correct the name")


def _names_in(origin: str) -> set[str]:
    """Return the names that a module defines or imports at its top level, without importing it."""
    found: set[str] = set()
    for node in ast.parse(Path(origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return found

"""Refuses, at start, settings that verl accepts and silently ignores."""

from __future__ import annotations

from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

# verl 0.9.1 ships these at top level (trainer/config/legacy_reward_impl.yaml) and main_ppo reads none of them
MOVED_KEYS = {
    "custom_reward_function": "reward.custom_reward_function",
    "reward_model": "reward.reward_model",
    "sandbox_fusion": "reward.sandbox_fusion",
}


class IgnoredKeyError(ValueError):
    """A setting was given where nothing reads it."""


class RefuseIgnoredKeys(Callback):
    """Hydra callback, named by every recipe under `hydra.callbacks`: runs before the trainer starts."""

    def on_job_start(self, config: DictConfig, **_kwargs: Any) -> None:
        refuse_ignored_keys(config)


def refuse_ignored_keys(config: DictConfig) -> None:
    """Raise IgnoredKeyError if any key that moved under `reward.` is set in its old place.

    Parameters
    ----------
    config : the composed configuration of `verl.trainer.main_ppo` or `verl.trainer.sft_trainer`
    """
    for old, new in MOVED_KEYS.items():
        for path, value in _leaves(config.get(old), old):
            if value is not None:
                wanted = path.replace(old, new, 1).replace("reward_model.model.path", "reward_model.model_path")
                raise IgnoredKeyError(
                    f"{path} must stay null, got {value!r}: verl reads it nowhere and would train without it; "
                    f"set {wanted} instead"
                )


def _leaves(node: Any, path: str) -> list[tuple[str, Any]]:
    if OmegaConf.is_dict(node):
        return [leaf for key in node for leaf in _leaves(node[key], f"{path}.{key}")]
    return [(path, node)]

"""Reject, at the start, settings that verl accepts and ignores, or that fail only after minutes."""

import sys
import traceback
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from iea.reward_fns.weights import read_weights

# verl 0.9.1 ships these at top level (trainer/config/legacy_reward_impl.yaml) and main_ppo reads none of them
MOVED_KEYS = {
    "custom_reward_function": "reward.custom_reward_function",
    "reward_model": "reward.reward_model",
    "sandbox_fusion": "reward.sandbox_fusion",
}
REWARD = "pkg://iea.reward_fns"


class SettingError(ValueError):
    """A setting that would end the run later, or be ignored."""


class JobGuard(Callback):
    """Hydra callback, named by every recipe under `hydra.callbacks`: runs before a trainer starts and after it ends."""

    def on_job_start(self, config: DictConfig, **_kwargs: Any) -> None:
        """Raise SystemExit unless the settings pass; hydra turns other exceptions into a warning and trains on."""
        try:
            refuse_ignored_keys(config)
            if "actor_rollout_ref" in config:
                refuse_indivisible_batch(config)
                refuse_bad_weights(config)
        except SettingError as error:
            raise SystemExit(f"verl-iea: {error}") from error
        except Exception as error:
            traceback.print_exc()
            raise SystemExit(f"verl-iea: cannot check the settings: {type(error).__name__}: {error}") from error

    def on_job_end(self, config: DictConfig, job_return: Any, **_kwargs: Any) -> None:
        """Leave Ray, to free the slots of this run's actors for the next point of a sweep."""
        if ray := sys.modules.get("ray"):
            ray.shutdown()


def refuse_indivisible_batch(config: DictConfig) -> None:
    """Raise SettingError unless a mini-batch's rollouts divide evenly over the data-parallel groups.

    verl asserts it only after a step's rollouts, in the workers (verl/workers/engine_workers.py:267).
    """
    actor, rollout = config.actor_rollout_ref.actor, config.actor_rollout_ref.rollout
    groups = config.trainer.n_gpus_per_node * config.trainer.nnodes // actor.ulysses_sequence_parallel_size
    rollouts = actor.ppo_mini_batch_size * rollout.n
    if rollouts % groups:
        raise SettingError(
            f"ppo_mini_batch_size x rollout.n must be divisible by the {groups} data-parallel groups "
            f"(GPUs / ulysses_sequence_parallel_size), got {actor.ppo_mini_batch_size} x {rollout.n} = {rollouts}; "
            "change the mini-batch, n, or actor.ulysses_sequence_parallel_size"
        )


def refuse_bad_weights(config: DictConfig) -> None:
    """Raise SettingError unless the weights of the reward's terms are usable, see `iea.reward_fns.weights`."""
    function = config.reward.custom_reward_function
    if function.path == REWARD:
        try:
            read_weights(function.reward_kwargs.get("terms"), function.reward_kwargs.get("w"))
        except (TypeError, ValueError) as error:
            raise SettingError(str(error)) from error


def refuse_ignored_keys(config: DictConfig) -> None:
    """Raise SettingError if a key that moved under `reward.` is set in its old place, of any trainer of verl."""
    for old, new in MOVED_KEYS.items():
        for path, value in _leaves(config.get(old), old):
            if value is not None:
                wanted = path.replace(old, new, 1).replace("reward_model.model.path", "reward_model.model_path")
                raise SettingError(
                    f"{path} must be null because verl does not read it, got {value!r}; set {wanted} instead"
                )


def _leaves(node: Any, path: str) -> list[tuple[str, Any]]:
    if OmegaConf.is_dict(node):
        return [leaf for key in node for leaf in _leaves(node[key], f"{path}.{key}")]
    return [(path, node)]

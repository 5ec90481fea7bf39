"""Reject settings that verl accepts and ignores, or that fail only after minutes."""

import inspect
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from iea.recipe.guard.error import ABSENT, SettingError, required, setting
from iea.reward_fns import compute_score
from iea.reward_fns.judge import JudgeSettings
from iea.reward_fns.weights import read_weights

# verl 0.9.1 ships these at top level (trainer/config/legacy_reward_impl.yaml) and main_ppo reads none of them
MOVED_KEYS = {
    "custom_reward_function": "reward.custom_reward_function",
    "reward_model": "reward.reward_model",
    "sandbox_fusion": "reward.sandbox_fusion",
}
REWARD = "pkg://iea.reward_fns"
FUNCTION = "reward.custom_reward_function"
KWARGS = f"{FUNCTION}.reward_kwargs"
SAMPLER = "trainer.v1.sampler"
ACTOR, ROLLOUT = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"
LONGEST_TIMEOUT_S = 86_400.0


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _count_or_none(value: Any) -> bool:
    return value is None or _count(value)


def _limit(value: Any) -> bool:
    return value == -1 or _count(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


Rule = tuple[str, Callable[[Any], bool], Sequence[str]]
RULES: Sequence[Rule] = (
    (
        "a whole number of at least 1",
        _count,
        [
            *["data.train_batch_size", "data.max_prompt_length", "data.max_response_length", "data.max_length"],
            *["data.micro_batch_size_per_gpu", "engine.ulysses_sequence_parallel_size"],
            *["trainer.n_gpus_per_node", "trainer.nnodes", "trainer.total_epochs", "reward.num_workers"],
            *[f"{ACTOR}.{key}" for key in ("ppo_mini_batch_size", "ppo_epochs", "ulysses_sequence_parallel_size")],
            *[f"{ROLLOUT}.{key}" for key in ("n", "tensor_model_parallel_size", "agent.num_workers", "max_num_seqs")],
            *[f"{KWARGS}.workers", "iea.answer_length"],
        ],
    ),
    (
        "null or a whole number of at least 1",
        _count_or_none,
        [
            *["trainer.total_training_steps", "trainer.max_ckpt_to_keep", "trainer.max_actor_ckpt_to_keep"],
            *["data.gen_batch_size", "data.val_batch_size", "data.max_token_len_per_gpu"],
            *[f"{ACTOR}.ppo_max_token_len_per_gpu", f"{ROLLOUT}.max_model_len"],
        ],
    ),
    ("-1 for never, or a number of steps of at least 1", _limit, ["trainer.save_freq", "trainer.test_freq"]),
    ("-1 for all, or a number of rows of at least 1", _limit, ["data.train_max_samples", "data.val_max_samples"]),
    (
        "a number above 0",
        lambda value: _number(value) and value > 0,
        ["optim.lr", f"{ACTOR}.optim.lr", f"{ROLLOUT}.temperature", f"{SAMPLER}.sampler_kwargs.poll_seconds"],
    ),
    (
        f"a number of seconds above 0, at most {LONGEST_TIMEOUT_S:g}",
        lambda value: _number(value) and 0 < value <= LONGEST_TIMEOUT_S,
        [f"{KWARGS}.timeout_s"],
    ),
    ("a number above 0, at most 1", lambda value: _share(value) and value > 0, [f"{ROLLOUT}.gpu_memory_utilization"]),
    (
        "a number in [0, 1]; 1 never stops the run",
        _share,
        [f"{SAMPLER}.sampler_kwargs.{key}" for key in ("max_fallback_share", "max_error_share")],
    ),
)

EPOCHS = {"trainer.save_freq": "after_each_epoch", "trainer.test_freq": "after_each_epoch"}
"""Periods that verl's SFT knows besides numbers."""


def refuse_bad_numbers(config: DictConfig) -> None:
    """Raise SettingError if a number is out of its range, of any trainer of verl."""
    for rule, holds, keys in RULES:
        for key in keys:
            value = setting(config, key, ABSENT)
            if (
                value is not ABSENT
                and not holds(value)
                and not ("engine" in config and value == EPOCHS.get(key, ABSENT))
            ):
                raise SettingError(f"{key} must be {rule}, got {value!r}; correct the setting")
    if "engine" in config:
        data_parallel_groups(config, "engine.ulysses_sequence_parallel_size")


def processes(config: DictConfig) -> int:
    """Return the number of processes that train: for SFT as torchrun says, else one for each GPU."""
    gpus = required(config, "trainer.n_gpus_per_node") * required(config, "trainer.nnodes")
    return int(gpus if "actor_rollout_ref" in config else torchrun_number("WORLD_SIZE", least=1) or gpus)


def is_first_process(config: DictConfig) -> bool:
    """Return True in the one process of a run that writes: torchrun starts SFT once per GPU, and GRPO runs on Ray.

    Pods of PyTorchJob and Slurm set torchrun's variables for GRPO too, where they mean nothing.
    """
    return "actor_rollout_ref" in config or not torchrun_number("RANK", least=0)


def torchrun_number(name: str, *, least: int) -> int | None:
    """Return the number in a variable of torchrun, None where it is not set. Raises SettingError for another text."""
    given = os.environ.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and int(given) >= least):
        raise SettingError(
            f"the environment variable {name} must be a whole number of at least {least}, got {given!r}; unset it, or "
            "start SFT with torchrun"
        )
    return int(given)


def data_parallel_groups(config: DictConfig, key: str) -> int:
    """Return the number of data-parallel groups: GPUs / sequence parallel size. Raises SettingError unless it is whole."""
    gpus = processes(config)
    split = setting(config, key, 1)
    if gpus % split:
        raise SettingError(
            f"{key} must divide the {gpus} GPUs (trainer.n_gpus_per_node x trainer.nnodes), got {split}; "
            "set it to 1, or change the GPUs"
        )
    return int(gpus // split)


def refuse_indivisible_batch(config: DictConfig) -> None:
    """Raise SettingError unless a mini-batch's rollouts divide evenly over the data-parallel groups.

    verl asserts it only after a step's rollouts, in the workers (verl/workers/engine_workers.py:267).
    """
    batch, mini_batch = required(config, "data.train_batch_size"), required(config, f"{ACTOR}.ppo_mini_batch_size")
    count = required(config, f"{ROLLOUT}.n")
    groups = data_parallel_groups(config, f"{ACTOR}.ulysses_sequence_parallel_size")
    if mini_batch * count % groups:
        raise SettingError(
            f"ppo_mini_batch_size x rollout.n must be divisible by the {groups} data-parallel groups "
            f"(GPUs / ulysses_sequence_parallel_size), got {mini_batch} x {count} = {mini_batch * count}; "
            "change the mini-batch, n, or actor.ulysses_sequence_parallel_size"
        )
    if mini_batch > batch:
        raise SettingError(
            f"ppo_mini_batch_size must be at most data.train_batch_size, got {mini_batch} and {batch}; both count prompts"
        )


def refuse_short_conversation(config: DictConfig) -> None:
    """Raise SettingError if a response has no room for two answers where the layer two_turns asks for them."""
    answer, longest = setting(config, "iea.answer_length"), required(config, "data.max_response_length")
    if answer is not None and longest <= 2 * answer:
        raise SettingError(
            "data.max_response_length must hold two answers of iea.answer_length and an image between them, got "
            f"{longest} and {answer}; raise it, and rollout.max_model_len with it"
        )


def refuse_bad_reward(config: DictConfig) -> None:
    """Raise SettingError if our reward or our sampler would not take its settings."""
    refuse_bad_weights(config)
    if setting(config, f"{FUNCTION}.path") == REWARD:
        if (name := setting(config, f"{FUNCTION}.name")) != compute_score.__name__:
            raise SettingError(f"{FUNCTION}.name must be compute_score, got {name!r}; correct the setting")
        _refuse_unknown(config, KWARGS, _keywords())
        refuse_bad_judge(config)
    if setting(config, f"{SAMPLER}.custom_sampler.path") == "pkg://iea.recipe.hooks.metrics":
        _refuse_unknown(config, f"{SAMPLER}.sampler_kwargs", ("poll_seconds", "max_fallback_share", "max_error_share"))


def refuse_bad_weights(config: DictConfig) -> None:
    """Raise SettingError unless the weights of the reward's terms are usable, see `iea.reward_fns.weights`."""
    if setting(config, f"{FUNCTION}.path") == REWARD:
        try:
            read_weights(setting(config, f"{KWARGS}.terms"), setting(config, f"{KWARGS}.w"))
        except (TypeError, ValueError) as error:
            raise SettingError(str(error)) from error


def refuse_bad_judge(config: DictConfig) -> None:
    """Raise SettingError unless the judge's settings are usable; null stands for none."""
    judge, served = setting(config, f"{KWARGS}.judge"), "reward.reward_model"
    model = setting(config, f"{served}.model_path") if setting(config, f"{served}.enable") else None
    if judge is None:
        return
    given = OmegaConf.to_container(judge, resolve=True) if OmegaConf.is_config(judge) else judge
    try:
        read = JudgeSettings.read(given, "127.0.0.1:1" if model else None)
    except (TypeError, ValueError) as error:
        raise SettingError(f"{KWARGS}.judge: {error}") from error
    given_to_workers = setting(config, "ray_kwargs.ray_init.runtime_env.env_vars") or {}
    if read.key_env and not (os.environ.get(read.key_env) or read.key_env in given_to_workers):
        raise SettingError(
            f"{KWARGS}.judge.key_env must name an environment variable that holds the key, got {read.key_env!r}, which "
            "is not set here; export it"
        )
    if read.backend == "router" and read.model != model:
        raise SettingError(
            f"{KWARGS}.judge.model must be reward.reward_model.model_path, the name that verl serves it by, got "
            f"{read.model!r} and {model!r}; set judge.model to ${{reward.reward_model.model_path}}"
        )


def _keywords() -> list[str]:
    """Return the keywords of the reward that a configuration may set."""
    parameters = inspect.signature(compute_score).parameters.values()
    named = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    return [name for name in named if name != "reward_router_address"]


def _refuse_unknown(config: DictConfig, key: str, known: Sequence[str]) -> None:
    given = setting(config, key)
    if not OmegaConf.is_dict(given):
        raise SettingError(f"{key} must be a group of settings, got {given!r}; set its members one by one")
    if unknown := [name for name in given if name not in known]:
        raise SettingError(f"{key} must have keys among {', '.join(known)}, got {unknown[0]!r}; correct the name")


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

"""Reject a checkpoint of another model, other data or other settings.

`run.json` in the run's folder holds what the run trains: digests of its rows and of its model, and every setting that changes
the result. verl itself resumes from any checkpoint in the folder.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from iea.data_prep.files import read_json, write_json
from iea.recipe.checkpoints import saved_steps
from iea.recipe.guard.error import SettingError, setting
from iea.recipe.guard.folder import resumed_checkpoint, run_folder
from iea.recipe.guard.inputs import Inputs, steps_of

FILE = "run.json"
ACCEPT = "iea.accept_changes"
SECTIONS = ("algorithm", "data", "actor_rollout_ref", "reward", "model", "engine", "optim")
SHOWN = 6  # differences in a message

# settings that change the speed, the memory, the reports or the place of a run, and not what it learns
_WITHOUT_EFFECT = re.compile(
    r"""(^|\.)(
      _target_ | profiler | checkpoint | prometheus | trace | num_workers | disaggregation | turbo_config | ref
    | (train|val)_files | val_.* | validation_.* | model\.path | .*workers | timeout_s | attempts | concurrency | url | key_env
    | attempt_timeout_s | .*backoff_s | requests_per_minute | .*micro_batch.* | .*max_token_len.* | .*offload.*
    | gpu_memory_utilization | max_num_.* | max_model_len | cudagraph.* | enforce_eager | free_cache_engine
    | enable_(sleep_mode|chunked_prefill|prefix_caching|gradient_checkpointing) | log_prob.* | use_torch_compile
    | forward_prefetch | reshard_after_forward | .*chunk.* | .*checkpointing | disable_log_stats | nccl_timeout | use_shm
    | .*parallel_size | n_gpus_per_node | nnodes | wrap_policy | fsdp_size | checkpoint_engine | scheduling_policy
    | balance_dp_token | load_format | multi_stage_wake_up | layered_summon | external_lib | router_config_path
    | attn_implementation | use_remove_padding | skip_tokenizer_init | limit_images | enable_resource_pool | total_training_steps
    )(\.|$)""",
    re.VERBOSE,
)


def refuse_other_continuation(config: DictConfig, inputs: Inputs, *, write: bool = True) -> None:
    """Raise SettingError if the folder's checkpoints are those of another run; else note in it what this run trains.

    Parameters
    ----------
    inputs : what the run reads
    write : whether to write `run.json` and to print what the run continues; one process of a run does
    """
    folder = run_folder(config)
    now, path = description(config, inputs), folder / FILE
    before, steps = read_json(path), saved_steps(folder)
    changes = None
    if steps:
        changes = [f"all: {str(path)!r} is missing or unreadable"] if before is None else differences(before, now)
        if changes and not setting(config, ACCEPT, False):
            raise SettingError(_refusal(folder, steps[-1], changes))
    if write:
        summary = _summary(config, folder, inputs, changes)
        write_json(path, now)
        print(f"verl-iea: {summary}", flush=True)


def description(config: DictConfig, inputs: Inputs) -> dict[str, Any]:
    """Return what a run trains: setting -> value, and input -> its place and digest."""
    container = OmegaConf.to_container(config, resolve=False)
    assert isinstance(container, dict)
    paths = [path for name in SECTIONS if name in container for path in _leaf_paths(container[name], name)]
    settings = {path: _plain(config, path) for path in paths if not _WITHOUT_EFFECT.search(path)}
    schedules = [value for path, value in settings.items() if path.endswith("optim.lr_scheduler_type")]
    if any(value != "constant" for value in schedules):
        settings["steps"] = steps_of(config, inputs.rows)  # the learning rate follows the length of the run
    named = {name: {"place": place, "digest": digest} for name, (place, digest) in inputs.digests.items()}
    return {"inputs": named, "settings": settings}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a line for every input and setting in which two descriptions differ."""
    lines = []
    for part in ("inputs", "settings"):
        old, new = before.get(part), now[part]
        old = old if isinstance(old, dict) else {}
        for name in sorted(old.keys() | new.keys()):
            one, other = old.get(name), new.get(name)
            if _digest(one) != _digest(other):
                lines.append(f"{name}: {_shown(one)} -> {_shown(other)}")
    return lines


def _refusal(folder: Path, step: int, changes: list[str]) -> str:
    more = [f"and {len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
    listed = "\n  ".join(changes[:SHOWN] + more)
    return (
        f"a run must continue one with the same model, data and settings, but {str(folder)!r} holds step {step} of "
        f"another:\n  {listed}\n  To train this one, choose another trainer.experiment_name, or move the folder away. To "
        f"continue that one, set the former values. To continue it with the new ones, add {ACCEPT}=true"
    )


def _summary(config: DictConfig, folder: Path, inputs: Inputs, changes: list[str] | None) -> str:
    step, total = resumed_checkpoint(config), steps_of(config, inputs.rows)
    if step is None:
        return f"a new run in {folder}"
    number = int(step.name.rpartition("_")[2])
    how = f"with {len(changes)} accepted changes" if changes else "with the same model, data and settings"
    if step.parent != folder:
        how = "as resume_from_path says"
    finished = total is not None and number >= total
    if finished and "actor_rollout_ref" not in config:  # verl's SFT would train a step more
        raise SettingError(
            f"a run must have steps left, but {str(step)!r} is the last of {total}; choose another trainer.experiment_name "
            "to train again, or raise trainer.total_training_steps or total_epochs"
        )
    left = ", which is its last: nothing is left to train" if finished else ""
    return f"continues {step} of {total} steps, {how}{left}"


def _leaf_paths(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from _leaf_paths(value, f"{path}.{name}")
    else:
        yield path


def _plain(config: DictConfig, path: str) -> Any:
    """Return the value of a setting as JSON; None if a group above it is null, such as the judge."""
    try:
        value = OmegaConf.select(config, path)
        plain = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    except OmegaConfBaseException as error:
        raise SettingError(f"{path} must have a value, got none: {str(error).splitlines()[0]}") from error
    return json.loads(json.dumps(plain, default=str))


def _digest(value: Any) -> Any:
    return value["digest"] if isinstance(value, dict) and "digest" in value else value


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "digest" in value:
        return f"{value.get('place')} ({str(value['digest'])[:12]})"
    return "nothing" if value is None else repr(value)

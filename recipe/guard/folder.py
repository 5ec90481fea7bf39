"""Reject a folder of checkpoints that cannot be written, or from which verl would not resume as it should."""

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from iea.recipe.checkpoints import SHARDS, refuse_bad_checkpoint, saved_steps, step_folder, tracked_step
from iea.recipe.guard.error import SettingError, setting
from iea.recipe.guard.inputs import Inputs
from iea.recipe.guard.settings import processes
from iea.recipe.model_files import FolderError
from iea.recipe.overrides import is_literal

KEY = "trainer.default_local_dir"
LOCK = ".lock"
COPIES = {"model": 1, "optimizer": 2, "hf_model": 1}
"""Contents of a checkpoint -> at least so many times the size of the weights that the run starts from."""

OWN_FOLDERS = ("data", "judge_data", "evaluation", "logs")  # of a home, beside its runs
_NAME = re.compile(r"[^\s./][^/\x00-\x1f]{0,199}")


def run_folder(config: DictConfig) -> Path:
    """Return the folder of the run's checkpoints. Raises SettingError unless it is absolute and verl can use its name."""
    name = setting(config, "trainer.experiment_name")
    if (
        not isinstance(name, str | int | float)
        or isinstance(name, bool)
        or not _NAME.fullmatch(str(name))
        or name in OWN_FOLDERS
    ):
        raise SettingError(
            "trainer.experiment_name must be the plain name of a folder, without / and of at most 200 characters, and none of "
            f"{', '.join(OWN_FOLDERS)}, got {name!r}; choose another"
        )
    given = str(setting(config, KEY))
    if not os.path.isabs(given):  # verl resolves it against each worker's own directory
        raise SettingError(
            f"{KEY} must be an absolute path, got {given!r}; set IEA_HOME or iea.home to an absolute folder"
        )
    if not is_literal(given):
        raise SettingError(f"{KEY} must not contain '${{' or the $NAME of a variable, got {given!r}; rename the folder")
    if "global_step_" in given:
        raise SettingError(
            f"{KEY} must not contain 'global_step_', from which verl would read a step, got {given!r}; choose another"
        )
    return Path(given)


@contextmanager
def hold_folder(config: DictConfig) -> Iterator[float | None]:
    """Make the run's folder and keep other runs out of it until the end.

    Yields
    ------
    start of the former run in this folder if it was killed, seconds since the epoch; else None

    Raises
    ------
    SettingError : the folder cannot be written, or another run is using it
    """
    folder = run_folder(config)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
        lock = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"{KEY} must be a folder that can be written, got {str(folder)!r}: {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingError(
                f"{KEY} must be a folder of one run at a time, but another run is using {str(folder)!r}; wait for its "
                "end, or choose another trainer.experiment_name"
            ) from None
        except OSError:
            pass  # a network disk without locks
        lock.seek(0)
        former = re.fullmatch(r"\d+(\.\d+)?", lock.read())
        lock.truncate(0)
        lock.write(f"{time.time():.3f}")
        lock.flush()
        yield float(former[0]) if former else None
        lock.truncate(0)


def refuse_bad_folder(config: DictConfig, inputs: Inputs) -> None:
    """Raise SettingError if the folder is too full for a checkpoint, or if the one to resume from is incomplete."""
    folder = run_folder(config)
    if inside := [path for path in inputs.places if path.resolve().is_relative_to(folder.resolve())]:
        raise SettingError(
            f"{KEY} must be a folder of this run alone, got {str(folder)!r}, which holds {str(inside[0])!r}, from which it "
            "starts; choose another trainer.experiment_name"
        )
    refuse_full_disk(config, inputs.weight_bytes)
    try:
        step = resumed_checkpoint(config)
        if step is not None:
            refuse_bad_checkpoint(step, *_loaded(config), processes(config))
    except FolderError as error:
        raise SettingError(str(error)) from error


def resumed_checkpoint(config: DictConfig) -> Path | None:
    """Return the checkpoint from which verl will resume, None where it starts afresh.

    Raises
    ------
    SettingError : `trainer.resume_mode` or `resume_from_path` is not usable, or good steps would be overwritten
    FolderError : the tracker is not usable
    """
    folder = run_folder(config)
    mode, given = setting(config, "trainer.resume_mode"), setting(config, "trainer.resume_from_path")
    if mode not in ("auto", "disable", "resume_path"):
        raise SettingError(f"trainer.resume_mode must be auto, disable or resume_path, got {mode!r}")
    is_sft = "actor_rollout_ref" not in config  # GRPO reads the path in the mode resume_path alone
    if mode == "resume_path" or (mode == "auto" and given and is_sft):
        path = Path(str(given))
        if not given or not path.is_absolute() or not path.name.removeprefix("global_step_").isdigit():
            rule = "trainer.resume_from_path must be the absolute path of a checkpoint, .../global_step_N"
            raise SettingError(f"{rule}, got {given!r}; correct it, or set trainer.resume_mode=auto")
        return path
    if given:
        raise SettingError(
            f"trainer.resume_from_path is read with resume_mode=resume_path alone, got {mode!r}; set both"
        )
    if mode == "disable":
        if steps := saved_steps(folder):
            raise SettingError(
                f"a run with trainer.resume_mode=disable would overwrite the steps {steps} of {str(folder)!r}; move the "
                "folder away, or choose another trainer.experiment_name"
            )
        return None
    step = tracked_step(folder)
    if (
        step is None
        and (steps := saved_steps(folder))
        and any(_complete(config, step_folder(folder, one)) for one in steps)
    ):
        raise SettingError(
            f"{str(folder)!r} has the steps {steps} and no tracker, so verl would start afresh and overwrite them; move "
            "the folder away, or set trainer.resume_mode=resume_path and trainer.resume_from_path to one of them"
        )
    return None if step is None else step_folder(folder, step)


def _loaded(config: DictConfig) -> tuple[str, Sequence[str]]:
    """Return the folder in a step's that the trainer reads, and what it loads."""
    is_rl = "actor_rollout_ref" in config
    owner = "actor_rollout_ref.actor.checkpoint" if is_rl else "checkpoint"
    given = setting(config, f"{owner}.load_contents") or tuple(SHARDS)
    return ("actor" if is_rl else ""), list(given)


def _complete(config: DictConfig, step: Path) -> bool:
    try:
        refuse_bad_checkpoint(step, *_loaded(config))
    except FolderError:
        return False
    return True


def refuse_full_disk(config: DictConfig, weight_bytes: int) -> None:
    """Raise SettingError if the disk of the run's folder has no space for a checkpoint.

    weight_bytes : size of the weights that the run starts from
    """
    folder = run_folder(config)
    is_rl = "actor_rollout_ref" in config
    saved = setting(config, f"{'actor_rollout_ref.actor.' if is_rl else ''}checkpoint.save_contents")
    needed = weight_bytes * sum(COPIES.get(one, 0) for one in (saved if OmegaConf.is_list(saved) else ()))
    free = shutil.disk_usage(folder).free
    if setting(config, "trainer.save_freq") != -1 and free < max(needed, 1):
        raise SettingError(
            f"the disk of {KEY} must have space for a checkpoint, {needed / 2**30:.1f} GiB or more, got "
            f"{free / 2**30:.1f} GiB at {str(folder)!r}; free some, or choose another IEA_HOME"
        )

"""Look at the checkpoints that verl saved in a folder, without loading them.

verl 0.9.1 takes a tracker that names a missing step for none, trains from scratch and overwrites the steps that are there
(verl/utils/checkpoint/checkpoint_manager.py:248); an empty tracker and weights that are cut off end it after minutes.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from iea.editor.io import regular
from iea.recipe.model_files import FolderError, refuse_cut_off

TRACKER = "latest_checkpointed_iteration.txt"  # written by verl into a run's folder, last of all
SHARDS = {"model": "model", "optimizer": "optim", "extra": "extra_state"}
"""Content of a checkpoint -> beginning of the names of its files, one for each rank."""
_SHARD = re.compile(r"([a-z_]+)_world_size_(\d+)_rank_(\d+)\.pt")


def step_folder(run: Path, step: int) -> Path:
    """Return the folder of a step's checkpoint."""
    return run / f"global_step_{step}"


def saved_steps(run: Path) -> list[int]:
    """Return the steps of all folders of checkpoints, in order, complete or not."""
    names = [path.name.removeprefix("global_step_") for path in run.glob("global_step_*")]
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def tracked_step(run: Path) -> int | None:
    """Return the step from which verl resumes, None where the folder has no checkpoint.

    Raises
    ------
    FolderError : the tracker is not a step's number, or that step's folder is missing
    """
    tracker = run / TRACKER
    if not tracker.exists():
        return None
    try:
        text = regular(tracker).read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise FolderError(f"{str(tracker)!r} must be a file that can be read: {error.strerror}; delete it") from error
    there = saved_steps(run)
    if not (text.isascii() and text.isdigit() and int(text) in there):
        remedy = f"write {there[-1]} into it to resume from there" if there else "delete it to start over"
        raise FolderError(
            f"{str(tracker)!r} must hold the number of a saved step, among {there}, got {text[:40]!r}; if that step is "
            f"complete, {remedy}"
        )
    return int(text)


def refuse_bad_checkpoint(step: Path, inner: str, contents: Iterable[str], world: int | None = None) -> None:
    """Raise FolderError unless a step's folder holds a complete checkpoint of this many processes.

    Parameters
    ----------
    step : such as RUN/global_step_40
    inner : its folder that the trainer reads: "actor" for GRPO, "" for SFT
    contents : what the trainer loads, among the keys of `SHARDS`
    world : processes that will load it; None = as many as saved it
    """
    if not step.is_dir():
        raise FolderError(f"a checkpoint must be a folder, got {str(step)!r}, which does not exist; correct the path")
    if inner != "actor" and (step / "actor").is_dir():
        raise FolderError(f"a checkpoint must be one of the same trainer, got {str(step)!r} of GRPO; correct the path")
    folder = step / inner
    found = [match.groups() for path in folder.glob("*.pt") if (match := _SHARD.fullmatch(path.name))]
    shards = {(kind, int(size), int(rank)) for kind, size, rank in found}
    if not shards:
        raise FolderError(f"a checkpoint must hold the weights of the model, got {str(folder)!r} without{_REMEDY}")
    saved_by = max(size for _, size, _ in shards)
    size = world or saved_by
    if all(one != size for _, one, _ in shards):
        raise FolderError(
            f"the checkpoint {str(step)!r} can be loaded by the {saved_by} processes that saved it alone, got {size}; "
            "use as many GPUs, or start a new run from its huggingface folder with iea.model"
        )
    for kind in (SHARDS[one] for one in contents if one in SHARDS):
        if lost := [rank for rank in range(size) if (kind, size, rank) not in shards]:
            raise FolderError(
                f"the checkpoint {str(step)!r} must hold the weights and the state of all {size} ranks, lacks {kind} of "
                f"{lost}{_REMEDY}"
            )
    for path in sorted(step.rglob("*")):
        if path.suffix in (".pt", ".safetensors", ".bin"):
            try:
                refuse_cut_off(path)
            except FolderError as error:
                raise FolderError(f"{error}{_REMEDY}") from error


_REMEDY = f"; move that folder away and write an earlier step into {TRACKER}, or delete {TRACKER} to start over"

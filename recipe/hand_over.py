"""Hand a trained model over to the next stage: RUN/huggingface is the model of the run's last step.

The guard calls it where a trainer ends well, so `python -m verl.trainer.main_ppo` and `torchrun -m verl.trainer.sft_trainer` hand
over too. verl's own `trainer.checkpoint_callback_class` exists for GRPO alone, and does not say which save is the last.
"""

import os
import shutil
from pathlib import Path

from iea.recipe.checkpoints import step_folder, tracked_step
from iea.recipe.model_files import FolderError, refuse_bad_model

MODEL = "huggingface"  # verl's name of a model's folder in a checkpoint, and ours of the one that is handed over


def saved_model(run: Path, step: int) -> Path:
    """Return the folder of the model in a checkpoint: GRPO saves it in `actor`, SFT beside the shards."""
    folder = step_folder(run, step)
    inner = folder / "actor" / MODEL
    return inner if inner.is_dir() else folder / MODEL


def hand_over(run: Path) -> Path | None:
    """Make RUN/huggingface the model of the run's last checkpoint, and return it; None if the run has no checkpoint.

    Its files are hard links where the disk has them, so that they take no space and stay when verl removes the checkpoint.

    Raises
    ------
    FolderError : the tracker or the model is not usable
    """
    step = tracked_step(run)
    if step is None:
        return None
    source, target = saved_model(run, step), run / MODEL
    refuse_bad_model(source)
    if not is_handed_over(run):
        partial = target.with_name(f"{MODEL}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(source, partial, copy_function=_link)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    return target


def is_handed_over(run: Path) -> bool:
    """Return True if RUN/huggingface is complete and of the last checkpoint, or no checkpoint is left of that run.

    Raises
    ------
    FolderError : the tracker is not usable
    """
    target, step = run / MODEL, tracked_step(run)
    try:
        refuse_bad_model(target)
    except FolderError:
        return False
    return step is None or _files(target) == _files(saved_model(run, step))


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return name -> size and time of change of every file: a link or a copy has those of its source."""
    paths = (path for path in folder.iterdir() if path.is_file())
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a disk without hard links
        shutil.copy2(source, target)

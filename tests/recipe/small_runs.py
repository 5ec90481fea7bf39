"""Prepare runs of GRPO on edits alone, as short as they can be."""

from pathlib import Path
from typing import Any

from homes import keep_edits

from iea.recipe.pipeline.lane import prepare_lane
from iea.recipe.pipeline.run import LaneLengths, Run

SMALL: dict[str, Any] = {"pretraining": {"steps": 1, "pairs": 64}, "rows": {"stage1": 64, "stage2": 80, "stage3": 64}}
"""Lengths; two batches of 8 hold all 16 rows of Stage 2, of both data sources."""
CHEAP = ["data.train_batch_size=8", "actor_rollout_ref.actor.ppo_mini_batch_size=8", "actor_rollout_ref.rollout.n=2"]


def small_run(base: Path, *, lengths: LaneLengths | None = None, **others: Any) -> Run:
    """Make the rows and the model of a run; the arguments are those of Run."""
    run = Run(base, lengths=lengths or LaneLengths(**SMALL), **others)
    prepare_lane(run)
    keep_edits(run.data)
    return run

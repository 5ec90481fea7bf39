"""Metrics of every stage over all held-out rows."""

from collections.abc import Sequence

import pandas as pd

from iea.recipe.evaluation.metrics import cells
from iea.recipe.evaluation.results import STAGES, RunResults
from iea.recipe.evaluation.tables.table import Table


def build(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Make a line of every stage of every run, ordered by stage so that the runs can be compared."""
    return pd.DataFrame(
        [
            {"run": run.name, "stage": title} | cells(run.evaluations[stage])
            for stage, title in STAGES.items()
            for run in runs
            if stage in run.evaluations
        ]
    )


TABLE = Table(
    "stages",
    "**Stages**: all held-out rows. The reward should rise from SFT to GRPO, and fall with grey photographs.",
    build,
    rank=10,
)

"""Metrics of every stage, by kind of row."""

from collections.abc import Sequence

import pandas as pd

from iea.recipe.evaluation.metrics import cells
from iea.recipe.evaluation.results import KINDS, RunResults
from iea.recipe.evaluation.tables.table import Table


def build(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Make a line of every run, stage and kind of row."""
    return pd.DataFrame(
        [
            {"run": run.name, "stage": title, "rows": KINDS.get(str(kind), str(kind)), "n": len(part)} | cells(part)
            for run in runs
            for title, results in run.stages().items()
            for kind, part in results.groupby("kind")
        ]
    )


TABLE = Table(
    "kinds",
    "**Kinds of rows**: with an instruction the text names the edit, without one the policy must see it, so "
    "grey photographs should cost most there.",
    build,
    rank=20,
)

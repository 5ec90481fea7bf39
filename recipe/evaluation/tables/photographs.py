"""Mean reward on each held-out photograph."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables.table import Table


def build(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Make a line of every run and photograph, with a column for each stage."""
    return pd.DataFrame([line for run in runs for line in _lines(run)])


def _lines(run: RunResults) -> list[dict[str, object]]:
    stages = run.stages()
    means = {title: results.groupby("photo").score.mean().to_dict() for title, results in stages.items()}
    counts = next(iter(stages.values())).groupby("photo").size() if stages else pd.Series(dtype=int)
    return [
        {"run": run.name, "photograph": Path(str(photo)).stem, "rows": count}
        | {title: float(mean[photo]) for title, mean in means.items()}
        for photo, count in counts.items()
    ]


TABLE = Table(
    "photographs", "**Photographs**: mean reward on each photograph that no stage was trained on.", build, rank=40
)

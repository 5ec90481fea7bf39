"""Paired differences in reward between stages."""

from collections.abc import Sequence

import pandas as pd

from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.statistics import paired_difference
from iea.recipe.evaluation.tables.table import Table


def build(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Make a line of every run that has been trained by GRPO: three differences with their 95 % intervals."""
    return pd.DataFrame(
        [
            {
                "run": run.name,
                "GRPO - SFT": _difference(run, "grpo", "sft"),
                "GRPO - control": _difference(run, "grpo", "control"),
                "seen - grey, rows without instruction": _difference(run, "grpo", "grpo_grey", "auto"),
            }
            for run in runs
            if "grpo" in run.evaluations
        ]
    )


def _difference(run: RunResults, a: str, b: str, kind: str | None = None) -> str:
    if a not in run.evaluations or b not in run.evaluations:
        return "not run"
    first, second = (run.evaluations[name] for name in (a, b))
    if kind is not None:
        first, second = first[first.kind == kind], second[second.kind == kind]
    return str(paired_difference(first, second)) if len(first) > 1 else "too few rows"


TABLE = Table(
    "gains",
    "**Gains in reward**: mean difference over the same rows and its 95 % bootstrap interval over rows. "
    "An interval without 0 is a gain on these rows; it does not cover the spread between trainings.",
    build,
    rank=30,
)

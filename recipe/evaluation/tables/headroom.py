"""Reward of the SFT labels and of the true programs."""

from collections.abc import Sequence

import pandas as pd

from iea.recipe.evaluation.results import KINDS, RunResults
from iea.recipe.evaluation.tables.table import Table

LABELS, PROGRAMS = "noisy_labels", "true_programs"


def build(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Make a line of every run and kind of row; the settings of a run share their rows."""
    lines = [line for run in runs for line in _lines(run)]
    return pd.DataFrame(lines).drop_duplicates()


def _lines(run: RunResults) -> list[dict[str, object]]:
    if not {LABELS, PROGRAMS} <= set(run.evaluations):
        return []
    labels, programs = (run.evaluations[name].groupby("kind").score.mean() for name in (LABELS, PROGRAMS))
    return [
        {
            "run": run.run,
            "rows": KINDS.get(str(kind), str(kind)),
            "SFT labels": float(labels[kind]),
            "true programs": float(programs[kind]),
            "headroom": f"{programs[kind] - labels[kind]:+.3f}",
        }
        for kind in programs.index
    ]


TABLE = Table(
    "headroom",
    "**Headroom**: the SFT labels are noisy on purpose, and their reward bounds that of imitation. GRPO can gain the "
    "headroom above it by construction.",
    build,
    rank=50,
)

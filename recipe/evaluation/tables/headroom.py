"""Reward of the SFT labels and of the true programs."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.results import RunResults, kind_title
from iea.recipe.evaluation.tables.table import Line, Table

LABELS, PROGRAMS = "noisy_labels", "true_programs"


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run and kind of row; the settings of a run share their rows, so their lines are equal."""
    for run in runs:
        if {LABELS, PROGRAMS} <= set(run.evaluations):
            labels, programs = (run.evaluations[name].groupby("kind").score.mean() for name in (LABELS, PROGRAMS))
            for kind in programs.index:
                yield {
                    "run": run.run,
                    "rows": kind_title(kind),
                    "SFT labels": float(labels[kind]),
                    "true programs": float(programs[kind]),
                    "headroom": f"{programs[kind] - labels[kind]:+.3f}",
                }


TABLE = Table(
    "headroom",
    "**Headroom**: the SFT labels are noisy on purpose, and their reward bounds that of imitation. GRPO can gain the "
    "headroom above it by construction.",
    lines,
    rank=50,
)

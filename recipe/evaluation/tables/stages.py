"""Metrics of every stage over all held-out rows."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.metrics import cells
from iea.recipe.evaluation.results import STAGES, RunResults
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every stage of every run, ordered by stage so that the runs can be compared."""
    for stage, title in STAGES.items():
        for run in runs:
            if stage in run.evaluations:
                yield {"run": run.name, "stage": title} | cells(run.evaluations[stage])


TABLE = Table(
    "stages",
    "**Stages**: all held-out rows. The reward should rise from SFT to GRPO, and fall with gray photographs.",
    lines,
    rank=10,
)

"""Metrics of every stage, by kind of row."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.metrics import cells
from iea.recipe.evaluation.results import RunResults, kind_title
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run, stage and kind of row."""
    for run in runs:
        for title, results in run.stages().items():
            for kind, part in results.groupby("kind"):
                yield {"run": run.name, "stage": title, "rows": kind_title(kind), "n": len(part)} | cells(part)


TABLE = Table(
    "kinds",
    "**Kinds of rows**: with an instruction the text names the edit, without one the policy must see it, so "
    "gray photographs should cost most there.",
    lines,
    rank=20,
)

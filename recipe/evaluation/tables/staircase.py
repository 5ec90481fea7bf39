"""The staircase: one number per task and stage, as mean and spread over seeds."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.results import STAGES, RunResults, evaluated_sets
from iea.recipe.evaluation.tables.cells import counts, found_in, spread
from iea.recipe.evaluation.tables.table import Line, Table

COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "valid % ↑": ("valid", ()),
    "Edit, with instruction ↑": ("reward", ("edit",)),
    "Edit, without ↑": ("reward", ("auto",)),
    "Refine ↑": ("reward", ("refine",)),
    "Summary, R_align ↑": ("r_align", ()),
    "Summary, ROUGE-L ↑": ("rouge_l", ()),
}
"""Heading -> metric and kinds of rows, () = all."""


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set and stage."""
    for part, title in evaluated_sets(runs):
        for stage, stage_title in STAGES.items():
            if found := found_in(runs, part, stage):
                yield {"set": title, "stage": stage_title} | counts(found) | headline(found)


def headline(found: Sequence[pd.DataFrame]) -> dict[str, object]:
    """Format the columns of the staircase."""
    cells: dict[str, object] = {}
    for heading, (name, kinds) in COLUMNS.items():
        parts = [results[results.kind.isin(kinds)] if kinds else results for results in found]
        cells[heading] = spread((measured(METRICS[name], part) for part in parts), METRICS[name].format)
    return cells


TABLE = Table(
    "staircase",
    "**Staircase**: the reward of Edit and Refine, R_align on the judge's scale of -10 to 10 and ROUGE-L of Summary; mean "
    "± standard deviation over seeds. Each stage should improve the tasks that it trains: Stages 1 and 2 Edit and Summary, "
    "Stage 3 Refine too.",
    lines,
    rank=10,
)

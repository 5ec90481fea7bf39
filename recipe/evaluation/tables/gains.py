"""Gains of GRPO over its start and over more SFT, with intervals over runs and over photographs."""

from collections.abc import Iterator, Sequence

import pandas as pd

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.results import CONTROL, RunResults, evaluated_sets
from iea.recipe.evaluation.statistics import over_photographs, over_runs
from iea.recipe.evaluation.tables.cells import EDIT, compared, counts, grpo_differences
from iea.recipe.evaluation.tables.shrinking import shrunk_gain
from iea.recipe.evaluation.tables.table import Line, Table

BASES = {"Stage 2 - Stage 1": "stage1", "Stage 2 - control": CONTROL}
MEASURED = (
    *(("Edit", EDIT, metric) for metric in ("reward_paper", "reward_honest", "r_like")),
    ("Summary", ("summary",), "r_align"),
)
"""Title, kinds of rows, metric."""


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set, base and metric."""
    for part, title in evaluated_sets(runs):
        for heading, base in BASES.items():
            for rows, kinds, metric in MEASURED:
                found = grpo_differences(runs, part, base, metric, kinds)
                if found:
                    about = {"set": title, "difference": heading, "rows of": rows, "metric": METRICS[metric].title}
                    yield about | _cells(found) | {"of it by shrinking": _explained(runs, part, base, metric)}


def _cells(found: list[tuple[str, pd.DataFrame]]) -> dict[str, object]:
    means = list(compared([rows for _, rows in found]))
    counted = counts([rows for _, rows in found])
    return {
        "GRPO runs": len(found),
        "seeds": len({name for name, _ in found}),
        "photographs": counted["photographs"],
        "rows": counted["rows"],
        "each run": ", ".join(f"{mean:+.3f}" for mean in means),
        "mean, 95 % over runs": str(over_runs(means)),
        "mean, 95 % over photographs": str(over_photographs(pd.concat([rows for _, rows in found]))),
    }


def _explained(runs: Sequence[RunResults], part: str, base: str, metric: str) -> str:
    """Format the gain over Stage 1 that shrinking explains, as the mean over seeds; "" for other gains."""
    found = [gain for run in runs if base == "stage1" and (gain := shrunk_gain(run, part, metric)) is not None]
    return f"{sum(found) / len(found):+.3f}" if found else ""


TABLE = Table(
    "gains",
    "**Gains of GRPO** over the Stage 1 that it starts from, and over the control, which continues SFT for as long as GRPO "
    "took. Intervals: Student's t over the GRPO runs (runs of a seed share its Stage 1), and a bootstrap that draws "
    "photographs with all their rows, which of fewer than about ten photographs is too short. An interval without 0 is a "
    "gain. Of it by shrinking: an upper bound of the part that smaller and fewer edits explain, as below.",
    lines,
    rank=50,
)

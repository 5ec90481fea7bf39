"""Controls: the trained policy without the images of its rows."""

from collections.abc import Iterator, Sequence

import pandas as pd

from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.results import GRAY, SHUFFLED, RunResults, evaluated_sets, kind_title
from iea.recipe.evaluation.statistics import over_photographs, over_runs
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS, compared, counts, differences, found_in, spread
from iea.recipe.evaluation.tables.table import Line, Table

CONTROLS = [(kind, "gray images", GRAY, "reward") for kind in PROGRAM_KINDS]
CONTROLS += [("summary", "pair of another photograph", SHUFFLED, "r_align")]
"""Kind of row, title, results and metric."""


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set and control."""
    for part, title in evaluated_sets(runs):
        for kind, shown, system, metric in CONTROLS:
            found = [
                rows for run in runs if (rows := differences(run, part, "stage3", system, metric, (kind,))) is not None
            ]
            if found:
                means = {name: _mean(metric, found_in(runs, part, name, (kind,))) for name in ("stage3", system)}
                about = {"set": title, "rows of": kind_title(kind), "metric": METRICS[metric].title, "shown": shown}
                yield (
                    about
                    | counts(found)
                    | {
                        "Stage 3": means["stage3"],
                        "control": means[system],
                        "difference, 95 % over photographs": str(over_photographs(pd.concat(found))),
                        "difference, 95 % over seeds": str(over_runs(list(compared(found)))),
                    }
                )


def _mean(metric: str, found: Sequence[pd.DataFrame]) -> str:
    return spread((measured(METRICS[metric], results) for results in found), METRICS[metric].format)


TABLE = Table(
    "controls",
    "**Controls**: Stage 3 with gray images, or with the pair of another photograph, scored on its own rows. The "
    "difference is what the policy takes from the images: it should be large without an instruction and in Summary.",
    lines,
    rank=70,
)

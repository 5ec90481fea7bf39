"""Steps of the staircase: the change from stage to stage, and the seeds in which it is an improvement."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.results import RunResults, evaluated_sets, kind_title
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS, compared, counts, differences, found_in
from iea.recipe.evaluation.tables.table import Line, Table

STEPS: Mapping[str, tuple[str, str]] = {
    "Stage 1 - untrained": ("stage1", "untrained"),
    "Stage 2 - Stage 1": ("stage2", "stage1"),
    "Stage 3 - Stage 2": ("stage3", "stage2"),
    "Stage 3 - Stage 1": ("stage3", "stage1"),
}
ROWS = {kind: ("distance", "r_like", "r_use") for kind in PROGRAM_KINDS} | {"summary": ("r_align", "rouge_l")}
"""Kind of row -> the metrics that should improve."""


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set, kind of row and metric."""
    for part, title in evaluated_sets(runs):
        for kind, metrics in ROWS.items():
            for metric in metrics:
                cells = {heading: _step(runs, part, *step, metric, kind) for heading, step in STEPS.items()}
                if any(cells.values()):
                    about = {"set": title, "rows of": kind_title(kind), "metric": METRICS[metric].heading}
                    counted = counts(
                        [one for stage in ("stage1", "stage3") for one in found_in(runs, part, stage, (kind,))]
                    )
                    yield about | {name: counted[name] for name in ("photographs", "rows")} | cells


def _step(runs: Sequence[RunResults], part: str, a: str, b: str, metric: str, kind: str) -> str:
    found = [rows for run in runs if (rows := differences(run, part, a, b, metric, (kind,))) is not None]
    if not found:
        return ""
    means = np.array(list(compared(found)))
    better = means > 0 if METRICS[metric].better == "higher" else means < 0
    return f"{means.mean():+.3f}, {better.sum()} of {len(found)}"


TABLE = Table(
    "improvements",
    "**Improvements**: the change from stage to stage as the mean over seeds, and the number of seeds in which it is an "
    "improvement. All seeds should improve at every step; Refine in Stage 3 alone, which first trains it.",
    lines,
    rank=30,
)

"""Share of GRPO's gain that smaller and fewer edits explain."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.results import SHRUNK, RunResults, evaluated_sets
from iea.recipe.evaluation.tables.cells import EDIT, compared, counts, differences, found_in, grpo_differences
from iea.recipe.evaluation.tables.table import Line, Table

FORMS: Mapping[str, str] = {"reward_paper": f"{SHRUNK}_paper", "reward_honest": SHRUNK}
"""Metric -> results whose shrinking was chosen by it."""


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set, run and form of the reward."""
    for part, title in evaluated_sets(runs):
        for run in runs:
            for metric in FORMS:
                explained = shrunk_gain(run, part, metric)
                trained = [rows for _, rows in grpo_differences([run], part, "stage1", metric, EDIT)]
                if explained is not None and trained:
                    gain = float(np.mean(list(compared(trained))))
                    counted = counts(found_in([run], part, "stage1", EDIT))
                    yield {
                        "set": title,
                        "run": run.name,
                        "rows of": "Edit",
                        "photographs": counted["photographs"],
                        "rows": counted["rows"],
                        "metric": METRICS[metric].title,
                        "GRPO runs": len(trained),
                        "gain of GRPO": f"{gain:+.3f}",
                        "gain of shrinking": f"{explained:+.3f}",
                        "share": f"{100 * explained / gain:.0f} %" if gain > 0 else "no gain",
                    }


def shrunk_gain(run: RunResults, part: str, metric: str) -> float | None:
    """Return the gain of Stage 1's shrunk answers over Stage 1 on the rows of Edit; None if they were not evaluated."""
    if metric not in FORMS:
        return None
    system = FORMS[metric] if run.of(part, FORMS[metric]) is not None else SHRUNK
    rows = differences(run, part, system, "stage1", metric, EDIT)
    return None if rows is None else float(rows.value.mean())


TABLE = Table(
    "shrinking",
    "**Shrinking**: the part of GRPO's gain over Stage 1 that Stage 1's own answers earn if they are only made smaller "
    "and fewer. Strength and number of tools are chosen on these same rows, so the share is an upper bound. It should be "
    "small.",
    lines,
    rank=60,
)

"""Cells that several tables share: counts, spreads over seeds, and differences of systems."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from iea.recipe.evaluation.metrics import METRICS, measured, row_values
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.statistics import paired

PROGRAM_KINDS = ("edit", "auto", "refine")
"""Kinds of rows whose answer is a program."""
EDIT = ("edit", "auto")
"""Kinds of rows of Edit."""


def found_in(runs: Sequence[RunResults], part: str, system: str, kinds: Sequence[str] = ()) -> list[pd.DataFrame]:
    """Return the results of every run that has some, of the rows of these kinds."""
    return [results for run in runs if (results := run.of(part, system, kinds)) is not None]


def counts(found: Sequence[pd.DataFrame]) -> dict[str, object]:
    """Count seeds, different photographs and rows per seed of the results behind a line."""
    rows = sorted({len(results) for results in found})
    photos = {photo for results in found for photo in results.photo}
    return {
        "seeds": len(found),
        "photographs": len(photos),
        "rows": "-".join(map(str, dict.fromkeys((rows[0], rows[-1])))),
    }


def spread(values: Iterable[float], form: str = ".3f") -> str:
    """Format the mean over seeds, with the standard deviation if there are several; "" without a value.

    >>> spread([0.5, 0.75]), spread([0.5]), spread([float("nan")])
    ('0.625 ± 0.177', '0.500', '')
    """
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return ""
    mean = format(np.mean(known), form)
    return mean if len(known) < 2 else f"{mean} ± {format(np.std(known, ddof=1), form)}"


def metric_cells(found: Sequence[pd.DataFrame]) -> dict[str, object]:
    """Format every metric: heading -> mean and spread over seeds, "" for one that these rows do not have."""
    return {one.heading: spread((measured(one, results) for results in found), one.format) for one in METRICS.values()}


def differences(
    run: RunResults, part: str, a: str, b: str, metric: str, kinds: Sequence[str] = ()
) -> pd.DataFrame | None:
    """Return `photo` and `value`, a metric of `a` minus that of `b`, of every row that both answered; None if none."""
    first, second = run.of(part, a, kinds), run.of(part, b, kinds)
    if first is None or second is None:
        return None
    values = [row_values(METRICS[metric], results) for results in (first, second)]
    rows = paired(first, second, *values)
    return None if rows.empty else rows


def grpo_differences(
    runs: Sequence[RunResults], part: str, base: str, metric: str, kinds: Sequence[str]
) -> list[tuple[str, pd.DataFrame]]:
    """Return the differences of every GRPO run from its seed's base: (name of the seed's run, `photo` and `value`)."""
    return [
        (run.name, rows)
        for run in runs
        for name in run.grpo_runs(part)
        if (rows := differences(run, part, name, base, metric, kinds)) is not None
    ]


def compared(differences: Sequence[pd.DataFrame]) -> Iterator[float]:
    """Yield the mean difference of every run."""
    return (float(rows.value.mean()) for rows in differences)

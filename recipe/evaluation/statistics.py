"""Compare two systems on the same rows: mean differences with intervals over photographs and over runs.

Rows of one photograph resemble each other, and so do runs of one seed: an interval over rows would be too short.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import bootstrap, sem, t

CONFIDENCE = 0.95
RESAMPLES = 10_000


@dataclass(frozen=True)
class Difference:
    """A mean difference and its 95 % interval, NaN where there are too few photographs or runs for one."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        interval = "no interval" if np.isnan(self.low) else f"{self.low:+.3f} to {self.high:+.3f}"
        return f"{self.mean:+.3f} ({interval})"


def paired(a: pd.DataFrame, b: pd.DataFrame, values_a: pd.Series, values_b: pd.Series) -> pd.DataFrame:
    """Subtract the values of two systems row by row.

    Parameters
    ----------
    a, b : results on the same held-out rows, matched by `index`
    values_a, values_b : a number of each row of `a` and of `b`

    Returns
    -------
    `photo` and `value` of every row that has both numbers

    Raises
    ------
    ValueError : the results are of different rows
    pandas.errors.MergeError : an index occurs twice
    """
    columns = ["index", "photo"]
    first, second = a[columns].assign(value=values_a), b[columns].assign(value=values_b)
    joined = first.merge(second, on=columns, suffixes=("_a", "_b"), validate="one_to_one")
    if not len(joined) == len(a) == len(b):
        raise ValueError(
            f"two systems must be compared on the same rows, got {len(a)} and {len(b)} rows, {len(joined)} of them "
            "common; evaluate both again"
        )
    return pd.DataFrame({"photo": joined.photo, "value": joined.value_a - joined.value_b}).dropna()


def over_photographs(differences: pd.DataFrame, *, resamples: int = RESAMPLES) -> Difference:
    """Estimate the mean of `value` with a percentile bootstrap interval over photographs: a cluster bootstrap.

    A resample draws photographs with replacement and takes all rows of each.

    Parameters
    ----------
    differences : columns `photo` and `value`
    resamples : of the bootstrap, which has a fixed seed

    Examples
    --------
    >>> print(over_photographs(pd.DataFrame({"photo": ["a", "a", "b"], "value": [0.5, 0.5, 0.5]})))
    +0.500 (+0.500 to +0.500)
    """
    by_photo = differences.groupby("photo").value
    sums, counts = by_photo.sum().to_numpy(), by_photo.count().to_numpy()
    mean = float(differences.value.mean())
    if len(sums) < 2:
        return Difference(mean, np.nan, np.nan)
    found = bootstrap(
        (sums, counts),
        lambda sums, counts, axis: sums.sum(axis) / counts.sum(axis),
        paired=True,
        n_resamples=resamples,
        confidence_level=CONFIDENCE,
        method="percentile",
        random_state=np.random.default_rng(0),
    ).confidence_interval
    return Difference(mean, float(found.low), float(found.high))


def over_runs(means: Sequence[float]) -> Difference:
    """Estimate the mean of one number per run, with Student's t interval over the runs.

    Examples
    --------
    >>> print(over_runs([0.1, 0.2, 0.3]))
    +0.200 (-0.048 to +0.448)
    """
    mean = float(np.mean(means))
    if len(means) < 2:
        return Difference(mean, np.nan, np.nan)
    half = float(sem(means) * t.ppf((1 + CONFIDENCE) / 2, len(means) - 1))
    return Difference(mean, mean - half, mean + half)

"""Compare systems on the same rows: differences with intervals over photographs and over runs, tests, strengths.

Rows of one photograph resemble each other, and so do runs of one seed: an interval over rows would be too short, and a test
over rows would reject too often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import bootstrap, permutation_test, sem, t

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
RESAMPLES = 10_000
AT_ONCE = 10**6  # numbers drawn at a time, 8 MB
ELO = 400 / np.log(10)
"""Points of Elo per unit of log odds: a lead of 400 is 10 times the odds."""
PRIOR = 1.0
"""Ties of every pair that Bradley-Terry strengths assume beforehand: finite for a system that wins always."""


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
        batch=max(1, AT_ONCE // len(sums)),
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


def paired_test(differences: pd.DataFrame, *, resamples: int = RESAMPLES) -> float:
    """Test if the mean of `value` differs from 0: a two-sided permutation test over photographs.

    If two systems do not differ, they may be exchanged, which changes the sign of all differences of a photograph. The test
    is exact for up to 13 photographs; for more, signs are drawn.

    Parameters
    ----------
    differences : columns `photo` and `value`, one system minus the other
    resamples : permutations drawn, with a fixed seed

    Returns
    -------
    p, in (0, 1]; NaN with fewer than two photographs

    References
    ----------
    R. A. Fisher, The Design of Experiments (1935), section 21

    Examples
    --------
    >>> paired_test(pd.DataFrame({"photo": list("aabcd"), "value": [0.5, 0.1, 0.2, 0.3, 0.1]}))
    0.125
    """
    sums = differences.groupby("photo").value.sum().to_numpy()
    if len(sums) < 2:
        return np.nan
    found = permutation_test(
        (sums,),
        lambda sums, axis: sums.sum(axis),
        permutation_type="samples",
        n_resamples=resamples,
        batch=max(1, AT_ONCE // len(sums)),
        random_state=np.random.default_rng(0),
    )
    return float(found.pvalue)


def holm(p: ArrayLike) -> Floats:
    """Correct the p of several tests by Holm's method: the chance of one or more false rejections stays below the level.

    Parameters
    ----------
    p : (n,) in [0, 1]; NaN for a test that was not made, which stays NaN and does not count

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005])
    array([0.03, 0.06, 0.06, 0.02])
    """
    from statsmodels.stats.multitest import multipletests

    corrected = np.array(p, dtype=np.float64)
    made = ~np.isnan(corrected)
    if made.any():
        corrected[made] = multipletests(corrected[made], method="holm")[1]
    return corrected


@dataclass(frozen=True)
class Strengths:
    """Bradley-Terry strengths, in points of Elo with mean 0, and their 95 % intervals, all (k,).

    The odds that system i is preferred to j are 10^((points_i - points_j) / 400). The ends are NaN with fewer than two
    photographs.
    """

    points: Floats
    low: Floats
    high: Floats


def bradley_terry(wins: ArrayLike, *, prior: float = PRIOR) -> Floats:
    """Estimate Bradley-Terry strengths by maximum likelihood.

    Parameters
    ----------
    wins : (k, k), entry (i, j) = times that i was preferred to j; a tie is half a time for both
    prior : ties added to every pair. With 0, strengths exist only if no group of systems wins or loses always

    Returns
    -------
    (k,) points of Elo with mean 0

    Raises
    ------
    ValueError : wins are not (k, k)

    References
    ----------
    R. A. Bradley and M. E. Terry, Biometrika 39 (1952); the algorithm is choix's, of Maystre and Grossglauser (2015)

    Examples
    --------
    >>> bradley_terry([[0, 30], [10, 0]], prior=0).round(1)
    array([ 95.4, -95.4])
    """
    import choix

    counts = np.array(wins, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"wins must be a square table, got the shape {counts.shape}")
    counts += prior / 2
    np.fill_diagonal(counts, 0)
    found = ELO * np.asarray(choix.ilsr_pairwise_dense(counts, max_iter=1000), dtype=np.float64)
    return np.asarray(found - found.mean(), dtype=np.float64)


def strengths_over_photographs(wins: Floats, *, resamples: int = 1000) -> Strengths:
    """Estimate Bradley-Terry strengths with percentile bootstrap intervals over photographs.

    Parameters
    ----------
    wins : (n, k, k), the wins of `bradley_terry` on each photograph
    resamples : of the bootstrap, which has a fixed seed

    Examples
    --------
    >>> found = strengths_over_photographs(np.tile([[0.0, 3.0], [1.0, 0.0]], (10, 1, 1)), resamples=20)
    >>> found.points.round(1), bool((found.low == found.high).all())
    (array([ 92.6, -92.6]), True)
    """
    photographs, systems = wins.shape[:2]
    points = bradley_terry(wins.sum(0))
    if photographs < 2:
        return Strengths(points, np.full(systems, np.nan), np.full(systems, np.nan))
    times = np.random.default_rng(0).multinomial(photographs, np.full(photographs, 1 / photographs), resamples)
    drawn = [bradley_terry(one) for one in np.tensordot(times, wins, 1)]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return Strengths(points, low, high)

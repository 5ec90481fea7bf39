"""Compare two systems on the same rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import bootstrap


@dataclass(frozen=True)
class Difference:
    """A mean difference and its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def paired_difference(a: pd.DataFrame, b: pd.DataFrame, *, resamples: int = 10_000) -> Difference:
    """Estimate the mean of `a.score - b.score` over the rows of both, with a percentile bootstrap interval over rows.

    Parameters
    ----------
    a, b : results of the same held-out rows, matched by `index`, at least two
    resamples : of the bootstrap, which has a fixed seed

    Raises
    ------
    ValueError : fewer than two rows
    pandas.errors.MergeError : an index occurs twice

    Examples
    --------
    >>> a = pd.DataFrame({"index": [0, 1, 2], "score": [0.5, 0.25, 0.75]})
    >>> print(paired_difference(a, a.assign(score=0.25)))
    +0.250 (+0.000 to +0.500)
    """
    joined = a.merge(b, on="index", suffixes=("_a", "_b"), validate="one_to_one")
    differences = (joined.score_a - joined.score_b).to_numpy()
    if len(differences) < 2:
        raise ValueError(f"a difference must be taken over 2 or more rows, got {len(differences)}; evaluate more rows")
    interval = bootstrap(
        (differences,), np.mean, n_resamples=resamples, method="percentile", random_state=np.random.default_rng(0)
    ).confidence_interval
    return Difference(float(differences.mean()), float(interval.low), float(interval.high))

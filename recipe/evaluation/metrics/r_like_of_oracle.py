"""Share of the oracle's R_like: the mean of R_like, in percent of the mean that a long search finds on the same rows."""

import pandas as pd

from iea.recipe.evaluation.metrics.metric import Metric

ORACLE = "oracle_r_like"
"""Column of the results with the oracle's R_like of each row, as in `extra_info` of the rows; NaN = the row has none."""


def share(results: pd.DataFrame) -> "pd.Series[float]":
    """Return 100 R_like / mean(oracle's R_like) of each row: its mean is the ratio of the means, which no row with a small bound moves.

    Rows without an oracle have no value. Where the oracle gains nothing on the mean, no row has one.

    >>> rows = pd.DataFrame({"r_like": [0.2, 0.4, 0.9], ORACLE: [0.4, 0.8, float("nan")]})
    >>> round(float(share(rows).mean()), 6)
    50.0
    """
    oracle = results[ORACLE]
    bound = oracle.mean()
    return (100 * results.r_like / bound).where(oracle.notna() & (bound > 0))


METRIC = Metric(
    "r_like_of_oracle",
    "R_like, % of the oracle",
    share,
    better="higher",
    needs="r_like",
    format=".1f",
    rank=32,
    columns=(ORACLE,),
    span="up to about 100 %",
    failed="-1 / mean of the oracle's",
    source="100 mean(R_like) / mean(oracle's R_like), over rows with an oracle",
)

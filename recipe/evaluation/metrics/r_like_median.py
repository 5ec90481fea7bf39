"""Median of R_like: unlike the mean, it is not moved by a few rows at the floor of -1."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "r_like_median",
    "R_like, median",
    lambda results: results.r_like,
    better="higher",
    needs="r_like",
    rank=31,
    center="median",
    span="-1 to 1",
    failed="-1",
    source="median over rows of max(-1, (D0 - D) / D0)",
)

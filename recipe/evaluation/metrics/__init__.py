"""Collect the metrics of the printed tables: one file each, found by its `METRIC`, and one per term of the reward."""

from collections.abc import Mapping
from numbers import Real

import pandas as pd

from iea.editor.plugins import PluginError, collect
from iea.recipe.evaluation.metrics.metric import Metric
from iea.reward_fns.terms import TERMS

TERM_RANK = 30


def term_metric(term: str) -> Metric:
    """Make the metric of a term of the reward: the mean of its column."""
    title = term.replace("r_", "R_", 1)
    return Metric(term, title, lambda results: results[term].mean(), better="higher", rank=TERM_RANK)


_FOUND = [*map(term_metric, TERMS), *collect(__name__, "METRIC", Metric).values()]
for key in ("name", "heading"):
    if len({getattr(metric, key) for metric in _FOUND}) < len(_FOUND):
        raise ValueError(f"every metric must have its own {key}, got {[getattr(metric, key) for metric in _FOUND]}")
METRICS: Mapping[str, Metric] = {
    metric.name: metric for metric in sorted(_FOUND, key=lambda metric: (metric.rank, metric.name))
}
"""name -> metric, in the order of the columns."""


def cells(results: pd.DataFrame) -> dict[str, str]:
    """Format every metric of these results: heading -> cell."""
    return {metric.heading: format(measured(metric, results), metric.format) for metric in METRICS.values()}


def measured(metric: Metric, results: pd.DataFrame) -> float:
    """Return the value of a metric; NaN where these results have none.

    Raises
    ------
    PluginError : the value is not a number
    """
    value = metric.value(results)
    if not isinstance(value, Real):
        raise PluginError(f"the metric {metric.name} must return a number, got {value!r:.60}; correct its value")
    return float(value)

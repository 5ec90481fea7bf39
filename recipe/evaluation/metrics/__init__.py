"""Collect the metrics of the printed tables: one file each, found by its `METRIC`, and one per term of the reward."""

from collections.abc import Mapping

import pandas as pd

from iea.editor.plugins import PluginError, collect
from iea.recipe.evaluation.metrics.metric import Metric
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.terms import TERMS

TERM_RANK = 30


def term_metric(term: str) -> Metric:
    """Make the metric of a term of the reward."""
    title = term.replace("r_", "R_", 1)
    return Metric(term, title, lambda results: results[term], better="higher", needs=term, rank=TERM_RANK)


_FOUND = [*map(term_metric, TERMS), *collect(__name__, "METRIC", Metric).values()]
for key in ("name", "heading"):
    if len({getattr(metric, key) for metric in _FOUND}) < len(_FOUND):
        raise ValueError(f"every metric must have its own {key}, got {[getattr(metric, key) for metric in _FOUND]}")
METRICS: Mapping[str, Metric] = {
    metric.name: metric for metric in sorted(_FOUND, key=lambda metric: (metric.rank, metric.name))
}
"""name -> metric, in the order of the columns."""


def measured(metric: Metric, results: pd.DataFrame) -> float:
    """Return the mean of a metric over the rows that have it; NaN where none has."""
    return float(row_values(metric, results).mean())


def row_values(metric: Metric, results: pd.DataFrame) -> "pd.Series[float]":
    """Return a metric's number of every row, NaN where the row's task does not report what it needs.

    Raises
    ------
    PluginError : the values are not one number per row
    """
    applies = results.data_source.isin([name for name, task in SOURCES.items() if metric.needs in task.reported])
    if metric.needs not in results or not applies.any():
        return pd.Series(float("nan"), results.index)
    part = results[applies]
    values = metric.values(part)
    if not isinstance(values, pd.Series) or len(values) != len(part) or not pd.api.types.is_numeric_dtype(values):
        raise PluginError(
            f"the metric {metric.name} must give one number per row, got {values!r:.60}; correct its values"
        )
    return values.astype(float).reindex(results.index)

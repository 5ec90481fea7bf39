"""Collect the metrics of the printed tables: one file each, found by its `METRIC`, and one per term of the reward.

Most are computed from the columns of the results. Those of images and texts are columns of their own, which
`iea.recipe.evaluation.metrics.measure` adds; results without them have no value of these metrics.
"""

from collections.abc import Mapping

import pandas as pd

from iea.editor.plugins import PluginError, collect
from iea.recipe.evaluation.metrics.metric import Metric, MetricSettings
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.terms import TERMS

TERM_RANK = 30


def term_metric(term: str) -> Metric:
    """Make the metric of a term of the reward."""
    title = term.replace("r_", "R_", 1)
    return Metric(
        term,
        title,
        lambda results: results[term],
        better="higher",
        needs=term,
        rank=TERM_RANK,
        span="-1 to 1",
        failed="-1",
        source=f"the term {term} of the reward: docs/reward.md",
    )


_FOUND = [*map(term_metric, TERMS), *collect(__name__, "METRIC", Metric).values()]
for key in ("name", "heading"):
    if len({getattr(metric, key) for metric in _FOUND}) < len(_FOUND):
        raise ValueError(f"every metric must have its own {key}, got {[getattr(metric, key) for metric in _FOUND]}")
METRICS: Mapping[str, Metric] = {
    metric.name: metric for metric in sorted(_FOUND, key=lambda metric: (metric.rank, metric.name))
}
"""name -> metric, in the order of the columns."""


def available_metrics(settings: MetricSettings) -> tuple[dict[str, Metric], dict[str, str]]:
    """Divide METRICS into those that can be computed, and the reasons why the others cannot.

    >>> metrics, reasons = available_metrics(MetricSettings())
    >>> reasons["clip_i"]
    'no CLIP model was given: set clip to its folder, such as a copy of openai/clip-vit-large-patch14'
    """
    reasons = {name: reason for name, metric in METRICS.items() if (reason := metric.unavailable(settings))}
    return {name: metric for name, metric in METRICS.items() if name not in reasons}, reasons


def missing(metric: Metric, results: pd.DataFrame) -> str:
    """Return the reason why a metric has no value of these results; "" where it has one of some rows."""
    if not _applies(metric, results).any():
        return f"no row is of a task that reports {metric.needs}"
    if absent := [name for name in (metric.needs, *metric.columns) if name not in results]:
        return f"the results have no column {absent[0]}"
    return "" if row_values(metric, results).notna().any() else "no row has a value"


def measured(metric: Metric, results: pd.DataFrame) -> float:
    """Return the mean, or the median, of a metric over the rows that have it; NaN where none has."""
    values = row_values(metric, results)
    return float(values.median() if metric.center == "median" else values.mean())


def _applies(metric: Metric, results: pd.DataFrame) -> "pd.Series[bool]":
    """Return True for every row of a task that reports the score that the metric needs."""
    return results.data_source.isin([name for name, task in SOURCES.items() if metric.needs in task.reported])


def row_values(metric: Metric, results: pd.DataFrame) -> "pd.Series[float]":
    """Return a metric's number of every row, NaN where the row's task does not report what it needs.

    Raises
    ------
    PluginError : the values are not one number per row
    """
    applies = _applies(metric, results)
    if not {metric.needs, *metric.columns} <= set(results) or not applies.any():
        return pd.Series(float("nan"), results.index)
    part = results[applies]
    values = metric.values(part)
    if not isinstance(values, pd.Series) or len(values) != len(part) or not pd.api.types.is_numeric_dtype(values):
        raise PluginError(
            f"the metric {metric.name} must give one number per row, got {values!r:.60}; correct its values"
        )
    return values.astype(float).reindex(results.index)

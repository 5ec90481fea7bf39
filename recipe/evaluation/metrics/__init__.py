"""Collect the metrics of the printed tables: one file per metric, and one metric per term of the reward.

To add a metric, add a file with a `METRIC`. A term of the reward is a metric without a file here.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from iea.editor.catalogue import collect
from iea.recipe.evaluation.metrics.metric import Metric, mean_of

TERMS = ("r_like", "r_use")
TERM_RANK = 30


def term_metrics(terms: Iterable[str]) -> dict[str, Metric]:
    """Make a metric of every term of the reward: the mean of its column."""
    return {
        term: Metric(term, term.replace("r_", "R_", 1), mean_of(term), better="higher", rank=TERM_RANK)
        for term in terms
    }


def _ordered(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    return {metric.name: metric for metric in sorted(metrics.values(), key=lambda one: (one.rank, one.name))}


METRICS: Mapping[str, Metric] = _ordered(term_metrics(TERMS) | collect(__name__, "METRIC", Metric))
"""name -> metric, in the order of the columns."""


def cells(results: pd.DataFrame) -> dict[str, str]:
    """Format every metric of these results: heading -> cell."""
    return {metric.heading: metric.cell(results) for metric in METRICS.values()}

"""Measure images and texts: add the columns of metrics to a table of results."""

from collections.abc import Callable, Iterable
from math import nan

import numpy as np
import pandas as pd

from iea.recipe.evaluation.metrics.compared import Compared, Said, Shown
from iea.recipe.evaluation.metrics.metric import Metric, MetricSettings


def measure(
    results: pd.DataFrame,
    compared: Iterable[Compared | None],
    metrics: Iterable[Metric],
    settings: MetricSettings | None = None,
) -> pd.DataFrame:
    """Return the results with a column of every metric of images or texts.

    Parameters
    ----------
    results : one line per row
    compared : the images or texts of each row, in the order of the results; None for a row with neither. Read one at a time
    metrics : those of `available_metrics`; the ones that need neither images nor texts are not touched
    settings : weights of the metrics; None = none

    Returns
    -------
    the results with the `columns` of these metrics; NaN where one does not apply, or the image is smaller than its `smallest`

    Raises
    ------
    ValueError : there are more or fewer items in `compared` than rows
    """
    measures = ready(metrics, settings or MetricSettings())
    rows = [measures(one) for one in compared]
    if len(rows) != len(results):
        raise ValueError(f"there must be images or texts of {len(results)} rows, or None, got {len(rows)}")
    return results.assign(**pd.DataFrame(rows, index=results.index, columns=list(measures(None))).to_dict("series"))  # type: ignore[arg-type]


def ready(metrics: Iterable[Metric], settings: MetricSettings) -> Callable[[Compared | None], dict[str, float]]:
    """Load the weights of metrics, and return the function that measures one row: column -> value."""
    wanted = [metric for metric in metrics if metric.images or metric.texts]
    images = {one: one.images(settings) for one in wanted if one.images}
    texts = {one: one.texts(settings) for one in wanted if one.texts}

    def measured(compared: Compared | None) -> dict[str, float]:
        found = {column: nan for metric in wanted for column in metric.columns}
        if isinstance(compared, Shown):
            for one, value in images.items():
                if compared.side >= one.smallest:
                    found |= zip(one.columns, np.atleast_1d(value(compared)).tolist(), strict=True)
        elif isinstance(compared, Said):
            has_words = any(map(str.isalnum, compared.answer))
            found |= {one.name: value(compared) if has_words else 0.0 for one, value in texts.items()}
        return found

    return measured

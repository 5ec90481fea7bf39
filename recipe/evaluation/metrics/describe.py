"""Describe the metrics: the table of docs/metrics.md."""

from collections.abc import Iterable

from iea.editor.markdown import markdown_table
from iea.recipe.evaluation.metrics.metric import Metric

COLUMNS = ("name", "column", "range", "a failed row counts as", "library and formula", "smallest side, px")


def metrics_table(metrics: Iterable[Metric]) -> str:
    """Return a Markdown table with one line per metric, in their order."""
    rows = (
        (f"`{one.name}`", one.heading, one.span, one.failed, one.source, one.smallest if one.images else "")
        for one in metrics
    )
    return markdown_table(COLUMNS, rows)

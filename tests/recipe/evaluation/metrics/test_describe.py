"""The table of docs/metrics.md is generated from the code."""

from pathlib import Path

from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.metrics.describe import metrics_table

PAGE = Path(__file__).parents[4] / "docs/metrics.md"


def test_the_table_of_metrics_is_up_to_date() -> None:
    table = metrics_table(METRICS.values())
    assert f"\n\n{table}\n\n" in PAGE.read_text(), f"docs/metrics.md must hold this table:\n\n{table}"


def test_every_metric_states_its_range_and_what_a_failed_row_counts_as() -> None:
    silent = [name for name, one in METRICS.items() if not (one.span and one.failed and one.source)]
    assert not silent, "set span, failed and source"

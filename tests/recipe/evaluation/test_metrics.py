"""Metrics: columns of the printed tables."""

import pandas as pd

from iea.recipe.evaluation.metrics import METRICS, cells, term_metric


def test_a_metric_is_formatted_with_its_direction(results: pd.DataFrame) -> None:
    assert cells(results) == {
        "valid % ↑": "50.0",
        "D ↓": "0.100",
        "R_like ↑": "0.500",
        "R_use ↑": "1.000",
        "R_use_scaled ↑": "1.000",
        "reward ↑": "0.550",
    }


def test_the_reward_is_the_last_column() -> None:
    assert list(METRICS)[-1] == "reward"


def test_a_new_term_of_the_reward_is_a_metric(results: pd.DataFrame) -> None:
    metric = term_metric("r_new")
    assert (metric.heading, metric.value(results.assign(r_new=0.25))) == ("R_new ↑", 0.25)

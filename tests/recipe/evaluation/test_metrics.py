"""Metrics: columns of the printed tables."""

import numpy as np
import pandas as pd
import pytest

from iea.recipe.evaluation.metrics import METRICS, measured, row_values, term_metric


def test_a_metric_is_the_mean_over_the_tasks_that_have_it(results: pd.DataFrame) -> None:
    found = {name: measured(metric, results) for name, metric in METRICS.items()}
    expected = {"valid": 50.0, "distance": 0.1, "r_like": 0.5, "r_use": 1.0, "reward": results.score.mean()}
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["rouge_l"] == 0.25
    assert found["r_align"] == pytest.approx(10 * results.score[results.kind == "summary"].mean())


def test_other_tasks_have_no_value(results: pd.DataFrame) -> None:
    summaries = results.kind == "summary"
    for name in ("distance", "r_like", "r_use", "tools", "reward_paper"):
        assert row_values(METRICS[name], results).isna()[summaries].all()
        assert np.isnan(measured(METRICS[name], results[summaries]))
    for name in ("r_align", "rouge_l"):
        assert row_values(METRICS[name], results).notna().equals(summaries)


def test_both_forms_of_the_reward_follow_from_their_terms(results: pd.DataFrame) -> None:
    edits = results[results.kind == "edit"].assign(r_like=0.2, r_use=1.0, r_use_scaled=-0.5, score=0.0)
    assert measured(METRICS["reward_paper"], edits) == pytest.approx(0.7 * 0.2 + 0.3)
    assert measured(METRICS["reward_honest"], edits) == pytest.approx(0.7 * 0.2 - 0.3 * 0.5)


def test_summaries_that_the_judge_did_not_score_do_not_count(results: pd.DataFrame) -> None:
    summaries = results[results.kind == "summary"].assign(score=0.5)
    summaries.iloc[0, summaries.columns.get_loc("error")] = 1
    summaries.iloc[1, summaries.columns.get_loc("fallback")] = 1
    summaries.iloc[:2, summaries.columns.get_loc("score")] = -1
    assert measured(METRICS["r_align"], summaries) == pytest.approx(5.0)
    assert np.isnan(measured(METRICS["r_align"], summaries.assign(error=1.0)))


def test_tools_are_those_of_programs(results: pd.DataFrame) -> None:
    assert measured(METRICS["tools"], results.assign(n_tools=3 * results.parsable)) == 3


def test_the_reward_is_the_last_column() -> None:
    assert list(METRICS)[-1] == "reward"


def test_a_new_term_of_the_reward_is_a_metric(results: pd.DataFrame) -> None:
    metric = term_metric("r_new")
    assert metric.heading == "R_new ↑"
    assert metric.values(results.assign(r_new=0.25)).eq(0.25).all()

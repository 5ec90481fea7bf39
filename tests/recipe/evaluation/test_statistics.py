"""Differences of systems and their intervals over photographs and runs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, ttest_1samp

from iea.recipe.evaluation.statistics import over_photographs, over_runs, paired


def _differences(photos: list[str], values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"photo": photos, "value": values})


def test_rows_are_paired_by_index(results: pd.DataFrame) -> None:
    better = results.assign(score=results.score + 0.25).sample(frac=1, random_state=1)
    rows = paired(better, results, better.score, results.score)
    assert len(rows) == len(results)
    assert rows.value.to_numpy() == pytest.approx(0.25)


def test_rows_without_a_number_are_left_out(results: pd.DataFrame) -> None:
    known = results.score.where(results.kind == "edit")
    assert len(paired(results, results, known, results.score)) == (results.kind == "edit").sum()


def test_other_rows_are_rejected(results: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="same rows, got 24 and 23 rows, 23 of them common"):
        paired(results, results[1:], results.score, results.score[1:])
    moved = results.assign(photo="another")
    with pytest.raises(ValueError, match="0 of them common"):
        paired(results, moved, results.score, moved.score)


def test_an_index_that_occurs_twice_is_rejected(results: pd.DataFrame) -> None:
    twice = pd.concat([results, results])
    with pytest.raises(pd.errors.MergeError):
        paired(twice, results, twice.score, results.score)


def test_a_resample_takes_all_rows_of_a_photograph() -> None:
    """Of two photographs, a resample is aa, ab or bb: a mean of 1, 2/3 or 0; the ends have a chance of 1/4 each."""
    found = over_photographs(_differences(["a", "a", "b"], [1.0, 1.0, 0.0]))
    assert (found.mean, found.low, found.high) == pytest.approx((2 / 3, 0, 1))


def test_a_row_per_photograph_is_the_bootstrap_over_rows() -> None:
    values = np.random.default_rng(0).normal(size=20)
    found = over_photographs(_differences([f"{place:02}" for place in range(20)], values.tolist()))
    rows = bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", random_state=np.random.default_rng(0))
    assert (found.low, found.high) == pytest.approx(tuple(rows.confidence_interval))


def test_the_interval_grows_when_the_rows_of_a_photograph_agree() -> None:
    """Ten photographs of ten rows: with independent rows about 0.4 long, with equal ones sqrt(10) times that."""
    rng = np.random.default_rng(0)
    photos = [f"photo{place // 10}" for place in range(100)]
    independent = over_photographs(_differences(photos, rng.normal(size=100).tolist()))
    equal = over_photographs(_differences(photos, np.repeat(rng.normal(size=10), 10).tolist()))
    assert equal.high - equal.low > 2 * (independent.high - independent.low)


def test_the_interval_covers_the_true_mean() -> None:
    """95 % nominal; the percentile bootstrap of 30 photographs covers slightly less."""
    rng = np.random.default_rng(0)
    photos = [f"photo{place // 4}" for place in range(120)]
    found = []
    for _ in range(300):
        values = np.repeat(rng.normal(size=30), 4) + rng.normal(size=120)
        found.append(over_photographs(_differences(photos, values.tolist()), resamples=300))
    assert 0.88 < np.mean([one.low < 0 < one.high for one in found]) < 0.98


def test_the_interval_over_runs_is_students() -> None:
    runs = [0.1, 0.25, 0.3, 0.2]
    found, expected = over_runs(runs), ttest_1samp(runs, 0).confidence_interval(0.95)
    assert (found.mean, found.low, found.high) == pytest.approx((0.2125, expected.low, expected.high))


def test_a_single_run_or_photograph_has_no_interval() -> None:
    assert str(over_runs([0.1])) == "+0.100 (no interval)"
    assert str(over_photographs(_differences(["a", "a"], [0.1, 0.3]))) == "+0.200 (no interval)"

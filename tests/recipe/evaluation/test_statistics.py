"""Differences of systems, their intervals over photographs and runs, tests and strengths."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from baseball import STRENGTHS, WINS
from scipy.optimize import minimize
from scipy.stats import bootstrap, rankdata, ttest_1samp, wilcoxon

from iea.recipe.evaluation.statistics import (
    ELO,
    bradley_terry,
    holm,
    over_photographs,
    over_runs,
    paired,
    paired_test,
    strengths_over_photographs,
)


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


DARWIN = [49.0, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
"""Crossed minus self-fertilized heights of 15 pairs of maize, in eighths of an inch (R: HistData::ZeaMays)."""


def test_the_permutation_test_is_fishers_of_1935() -> None:
    """He counted 1726 of 2^15 sign patterns whose sum is as far from 0 as 314: The Design of Experiments, section 21."""
    exact = paired_test(_differences([str(pair) for pair in range(15)], DARWIN), resamples=2**15)
    assert exact == 1726 / 2**15
    drawn = paired_test(_differences([str(pair) for pair in range(15)], DARWIN))
    assert drawn == pytest.approx(exact, abs=0.01) and drawn != exact


def test_signs_are_exchanged_for_whole_photographs() -> None:
    """Enumerated by hand: 3 photographs have 8 sign patterns, 5 rows would have 32."""
    rows = _differences(["a", "a", "a", "b", "c"], [1.0, 2.0, 3.0, -1.0, 2.0])
    sums = [6.0, -1.0, 2.0]
    patterns = [sum(s * v for s, v in zip(signs, sums, strict=True)) for signs in product((1, -1), repeat=3)]
    assert paired_test(rows) == np.mean([abs(one) >= 7 for one in patterns])


def test_the_permutation_test_agrees_with_wilcoxon_on_ranks() -> None:
    """The permutation test of signed ranks is Wilcoxon's, which scipy computes from its own recursion."""
    values = np.random.default_rng(0).normal(0.4, size=12)
    ranks = np.sign(values) * rankdata(abs(values))
    mine = paired_test(_differences([str(place) for place in range(12)], ranks.tolist()))
    assert mine == pytest.approx(wilcoxon(values, method="exact").pvalue)


@pytest.mark.slow
def test_without_a_difference_the_test_rejects_as_often_as_its_level() -> None:
    rng, photos = np.random.default_rng(0), [f"photo{place // 3}" for place in range(30)]
    p = [
        paired_test(_differences(photos, (np.repeat(rng.normal(size=10), 3) + rng.normal(size=30)).tolist()))
        for _ in range(200)
    ]
    assert 0.01 < np.mean([one <= 0.05 for one in p]) < 0.09


def test_many_photographs_are_tested_and_fewer_than_two_are_not() -> None:
    values = np.random.default_rng(0).normal(0.1, size=3000)
    rows = _differences([str(place) for place in range(3000)], values.tolist())
    assert paired_test(rows, resamples=500) == pytest.approx(2 / 501), "none of the drawn sums is as large"
    assert np.isnan(paired_test(rows[:0])) and np.isnan(paired_test(rows[:1]))


def test_holm_is_the_step_down_of_its_definition() -> None:
    """Reject the smallest p at level / n, the next at level / (n - 1), ... until one is larger."""
    p = np.random.default_rng(0).uniform(0, 0.2, size=8)
    corrected = holm(p)
    for level in np.linspace(0.001, 0.999, 400):
        bounds = level / np.arange(8, 0, -1)
        rejected = np.logical_and.accumulate(np.sort(p) <= bounds).sum()
        assert (corrected <= level).sum() == rejected
    assert holm([0.04, np.nan]).tolist() == pytest.approx([0.04, np.nan], nan_ok=True)


def test_strengths_are_those_of_r() -> None:
    points = bradley_terry(WINS, prior=0)
    assert (points - points[-1]) / ELO == pytest.approx(STRENGTHS, abs=5e-5)
    assert points.mean() == pytest.approx(0)


@pytest.mark.parametrize("prior", [0, 1, 5])
def test_strengths_maximize_the_likelihood(prior: float) -> None:
    """Of halves too: ties, and those of the prior."""
    wins = WINS + np.triu(np.full((7, 7), 0.5), 1) + np.tril(np.full((7, 7), 0.5), -1)

    def loss(odds: np.ndarray) -> float:
        lead = odds[:, None] - odds
        return float((np.logaddexp(0, -lead) * (wins + prior / 2) * (1 - np.eye(7))).sum())

    best = minimize(loss, np.zeros(7), tol=1e-10).x
    assert bradley_terry(wins, prior=prior) / ELO == pytest.approx(best - best.mean(), abs=1e-4)


def test_a_system_that_always_wins_has_a_finite_strength() -> None:
    points = bradley_terry([[0, 20, 20], [0, 0, 10], [0, 10, 0]])
    assert points[0] > points[1] == pytest.approx(points[2]) and np.isfinite(points).all()
    with pytest.raises(ValueError, match=r"square table, got the shape \(2, 3\)"):
        bradley_terry(np.zeros((2, 3)))


@pytest.mark.slow
def test_intervals_of_strengths_cover_the_true_lead() -> None:
    """60 photographs of two rows, on which the first system is preferred with odds of 3."""
    rng, covered = np.random.default_rng(0), []
    for _ in range(60):
        first = rng.binomial(2, 0.75, size=60)
        wins = np.zeros((60, 2, 2))
        wins[:, 0, 1], wins[:, 1, 0] = first, 2 - first
        found = strengths_over_photographs(wins, resamples=100)
        assert found.low[0] < found.points[0] < found.high[0]
        covered.append(found.low[0] < ELO * np.log(3) / 2 < found.high[0])
    assert 0.85 <= np.mean(covered) <= 1


def test_a_single_photograph_has_strengths_without_intervals() -> None:
    found = strengths_over_photographs(np.array([[[0.0, 2.0], [1.0, 0.0]]]))
    assert found.points[0] > 0 and np.isnan(found.low).all() and np.isnan(found.high).all()

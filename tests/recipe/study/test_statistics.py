"""Statistics against published values and a second implementation."""

from itertools import permutations

import numpy as np
import pytest
from baseball import STRENGTHS, WINS
from scipy.stats import bootstrap, wilcoxon
from simulated_raters import simulate

from iea.recipe.study.statistics import friedman, kendall_w, mean_rank_intervals, pairwise, strengths

ROUNDING_TIMES = np.array(
    [
        *([5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40], [5.90, 5.85, 5.70]),
        *([5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35], [5.25, 5.15, 5.00], [5.85, 5.80, 5.70]),
        *([5.25, 5.20, 5.10], [5.65, 5.55, 5.45], [5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40]),
        *([5.45, 5.55, 5.50], [5.55, 5.55, 5.35], [5.45, 5.50, 5.55], [5.50, 5.45, 5.25], [5.65, 5.60, 5.40]),
        *([5.70, 5.65, 5.55], [6.30, 6.30, 6.25]),
    ]
)
"""Hollander and Wolfe (1973), p. 140, the example of R's friedman.test: seconds to first base, three methods, with ties."""


def test_friedman_agrees_with_r() -> None:
    found = friedman(ROUNDING_TIMES)
    assert found.blocks == 22
    assert found.chi2 == pytest.approx(11.143, abs=5e-4) and found.p == pytest.approx(0.003805, abs=5e-7)


def test_kendall_w_follows_from_ranks() -> None:
    """W = 12 S / (m^2 (k^3 - k)), with S the squared deviations of rank sums: the definition, without chi2."""
    ranks = np.random.default_rng(0).permuted(np.tile(np.arange(1.0, 7), (9, 1)), axis=1)
    sums = ranks.sum(0)
    s = ((sums - sums.mean()) ** 2).sum()
    assert friedman(ranks).w == pytest.approx(12 * s / (9**2 * (6**3 - 6)))


def test_w_is_1_for_agreement_and_0_for_balance() -> None:
    assert friedman(np.tile([3.0, 1, 2], (5, 1))).w == pytest.approx(1)
    assert friedman(np.array(list(permutations([1.0, 2, 3])))).w == pytest.approx(0)


def test_a_printed_w_names_its_blocks() -> None:
    """The paper's quality question: 56 raters x 50 images of eight systems, W = 0.196."""
    chi2 = 0.196 * 2800 * 7
    assert kendall_w(chi2, 2800, 8) == pytest.approx(0.196)
    assert kendall_w(chi2, 56, 8) > 1, "raters alone were not the blocks"


def test_too_few_systems_or_blocks_give_no_test() -> None:
    assert np.isnan(friedman(np.ones((5, 2))).p) and np.isnan(friedman(np.ones((1, 4))).w)
    assert np.isnan(pairwise(np.ones((1, 3)))).all()
    assert np.isnan(mean_rank_intervals(np.ones((1, 4, 3)))).all()


def test_strengths_agree_with_published_ones() -> None:
    games = [(i, j) for i, j in np.ndindex(7, 7) for _ in range(WINS[i, j])]
    found = strengths(games, 7) * np.log(10) / 400
    assert found - found[-1] == pytest.approx(STRENGTHS, abs=0.01)


def test_a_system_that_always_wins_has_a_finite_strength() -> None:
    found = strengths([(0, 1, 2)] * 20, 3)
    assert np.isfinite(found).all() and list(found.argsort()) == [2, 1, 0]


def test_strengths_of_rankings_are_recovered() -> None:
    true = np.array([1.0, 0.5, 0.0, -0.5, -1.0])
    ranks = simulate(true, raters=60, images=50, seed=1)["rank"].to_numpy().reshape(-1, 5)
    found = strengths([tuple(row) for row in ranks.argsort(1).tolist()], 5)
    assert found == pytest.approx(true * 400 / np.log(10), abs=20)


def test_pairs_have_holm_of_wilcoxon() -> None:
    ranks = np.random.default_rng(2).normal([0, 0.3, 1], size=(20, 3))
    raw = {pair: wilcoxon(ranks[:, pair[0]], ranks[:, pair[1]]).pvalue for pair in [(0, 1), (0, 2), (1, 2)]}
    found, largest = pairwise(ranks), 0.0
    for place, pair in enumerate(sorted(raw, key=lambda pair: raw[pair])):
        largest = max(largest, min(1, raw[pair] * (3 - place)))
        assert found[pair] == found[pair[::-1]] == pytest.approx(largest)


def test_equal_systems_have_p_1() -> None:
    assert pairwise(np.tile([1.5, 1.5, 3.0], (8, 1)))[0, 1] == 1


def test_intervals_over_raters_agree_with_scipy() -> None:
    cube = simulate([0.5, 0, 0, -0.5], raters=25, images=10, seed=3, taste=1)["rank"].to_numpy().reshape(25, 10, 4)
    expected = bootstrap((cube.mean(1),), np.mean, axis=0, method="percentile", rng=np.random.default_rng(1))
    low, high = expected.confidence_interval
    assert mean_rank_intervals(cube.astype(float)) == pytest.approx(np.stack([low, high], 1), abs=0.05)


def test_a_ranking_that_is_missing_does_not_count() -> None:
    cube = np.tile([1.0, 2.0], (6, 4, 1))
    cube[0] = [2, 1]
    cube[0, 1:] = np.nan
    low, high = mean_rank_intervals(cube)[0]
    assert low == 1 and 1 < high < 1.5


def test_scenes_widen_the_interval_over_images_alone() -> None:
    ranks = simulate([0, 0, 0, 0], raters=40, images=8, seed=4, scene=2)["rank"].to_numpy().reshape(40, 8, 4)
    over_raters = np.diff(mean_rank_intervals(ranks.astype(float))).mean()
    over_images = np.diff(mean_rank_intervals(ranks.astype(float), over_images=True)).mean()
    assert over_images > 3 * over_raters

"""Simulated raters: a true ranking is found, and none where there is none."""

import numpy as np
import pandas as pd
import pytest
from simulated_raters import SYSTEMS, simulate

from iea.recipe.study.findings import analyze, attention, consistency
from iea.recipe.study.statistics import friedman

pytestmark = pytest.mark.slow


def test_a_true_ranking_is_found() -> None:
    found = analyze(simulate([1, 0.5, 0, -0.5, -1], raters=30, images=20, seed=0, taste=0.5), SYSTEMS)
    assert tuple(found.systems.system) == SYSTEMS
    assert found.over_raters.p < 1e-6 and found.over_raters.w > 0.5
    assert found.pairs.p[(found.pairs.better == "a") & (found.pairs.worse == "e")].item() < 0.001
    assert found.systems.elo.is_monotonic_decreasing and found.systems["first"].sum() == pytest.approx(1)
    assert (found.systems.low < found.systems.mean_rank).all() and (found.systems.mean_rank < found.systems.high).all()
    assert found.image_w.between(0, 1).all() and len(found.image_w) == 20


def test_equal_systems_are_not_told_apart() -> None:
    found = analyze(simulate([0] * 5, raters=30, images=20, seed=5, taste=1), SYSTEMS)
    assert found.over_raters.p > 0.05 and (found.pairs.p > 0.05).all()
    middle = 3.0
    assert ((found.systems.low < middle) & (middle < found.systems.high)).all()


def test_tastes_deceive_the_form_of_papers_alone() -> None:
    """200 studies without a preferred system: raters as blocks reject about 1 in 20, raters x images most of the time."""
    rejected = {"raters": 0, "rankings": 0}
    for seed in range(200):
        ranks = simulate([0] * 5, raters=20, images=20, seed=seed, taste=1)["rank"].to_numpy().reshape(20, 20, 5)
        rejected["raters"] += friedman(ranks.mean(1)).p < 0.05
        rejected["rankings"] += friedman(ranks.reshape(-1, 5).astype(float)).p < 0.05
    assert rejected["raters"] <= 18, "more than the binomial bound of 0.99 at 5 %"
    assert rejected["rankings"] > 150


def test_two_systems_are_compared_without_friedman() -> None:
    found = analyze(simulate([1, -1], raters=12, images=10, seed=1), SYSTEMS[:2])
    assert np.isnan(found.over_raters.p) and found.pairs.p.item() < 0.01


def test_a_rater_who_stopped_is_counted_where_images_were_ranked() -> None:
    rankings = simulate([1, 0, -1], raters=10, images=6, seed=2)
    partial = rankings[(rankings.rater > 1) | (rankings.item < 2)]
    assert analyze(partial, SYSTEMS[:3]).over_rankings.blocks == 9 * 6 + 2


def test_a_question_without_rankings_is_refused() -> None:
    with pytest.raises(ValueError, match="got none of one; wait for raters"):
        analyze(simulate([0, 0], raters=1, images=1, seed=0).iloc[:0], SYSTEMS[:2])


def test_attention_is_the_share_of_damaged_images_in_last_place() -> None:
    lines = [
        (rater, page, "check", system, rank)
        for rater, page, ranking in [(1, 1, "abX"), (1, 2, "baX"), (2, 1, "Xab"), (2, 2, "abX"), (3, 1, "aXb")]
        for rank, system in enumerate(ranking, 1)
    ]
    rankings = pd.DataFrame(lines, columns=["rater", "page", "kind", "system", "rank"]).replace("X", "damaged")
    assert attention(rankings).to_dict() == {1: 1.0, 2: 0.5, 3: 0.0}


def test_consistency_is_1_for_equal_and_minus_1_for_reversed_repeats() -> None:
    first = simulate([0] * 4, raters=3, images=5, seed=0).assign(question="quality", kind="item")
    again = first[first.item == 2].assign(kind="repeat")
    assert consistency(pd.concat([first, again])) == pytest.approx(1)
    assert consistency(pd.concat([first, again.assign(rank=5 - again["rank"])])) == pytest.approx(-1)
    assert np.isnan(consistency(first))

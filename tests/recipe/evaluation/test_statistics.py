"""Paired differences and their intervals."""

import numpy as np
import pandas as pd
import pytest

from iea.recipe.evaluation.statistics import paired_difference


def test_rows_are_paired_by_index(results: pd.DataFrame) -> None:
    better = results.assign(score=results.score + 0.25).sample(frac=1, random_state=1)
    found = paired_difference(better, results)
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_the_interval_covers_the_true_mean() -> None:
    """95 % nominal; the percentile bootstrap of 40 rows covers slightly less."""
    rng = np.random.default_rng(0)
    zeros = pd.DataFrame({"index": range(40), "score": 0.0})
    found = [paired_difference(zeros.assign(score=rng.normal(size=40)), zeros, resamples=300) for _ in range(300)]
    assert 0.89 < np.mean([one.low < 0 < one.high for one in found]) < 0.98


def test_a_single_row_has_no_interval(results: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="2 or more rows, got 1"):
        paired_difference(results[:1], results[:1])


def test_an_index_that_occurs_twice_is_rejected(results: pd.DataFrame) -> None:
    with pytest.raises(pd.errors.MergeError):
        paired_difference(pd.concat([results, results]), results)

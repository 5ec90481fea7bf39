"""Compute ROUGE-L of a summary, as the literature reports it; it is not part of the score.

On sentences made from templates a constant answer scores about 0.7, so as a reward it would teach that answer.
"""

import functools
from collections.abc import Sequence
from typing import Protocol


class _Scorer(Protocol):
    """The part of `rouge_score.rouge_scorer.RougeScorer` in use."""

    def score_multi(self, targets: Sequence[str], prediction: str) -> dict[str, tuple[float, float, float]]: ...


def rouge_l(references: Sequence[str], prediction: str) -> float:
    """Return the F-measure of the longest common subsequence of stemmed words, the best over the references, in [0, 1].

    References
    ----------
    rouge-score, Google's implementation (`use_stemmer=True`). Other implementations split words otherwise: their
    values are not comparable.
    """
    return float(_scorer().score_multi(references, prediction)["rougeL"][2])


@functools.cache
def _scorer() -> _Scorer:
    # here, because it takes a second and only summaries need it
    from rouge_score import rouge_scorer  # type: ignore[import-untyped]

    scorer: _Scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    return scorer

"""The result of scoring one answer: one fixed set of keys for all tasks and paths, because verl takes the keys of a batch
from its first sample.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from iea.editor import TOOLS
from iea.reward_fns.terms import TERMS

Score: TypeAlias = dict[str, float]
"""A `Result` as verl gets it."""

RANGES: Mapping[str, tuple[float, float]] = {
    "score": (-1, 1),
    **dict.fromkeys(TERMS, (-1, 1)),
    "d_before": (0, 1),
    "d_after": (0, 1),
    "n_tools": (0, len(TOOLS)),
    "parsable": (0, 1),
    "judge": (-1, 1),
    "rouge_l": (0, 1),
    "fallback": (0, 1),
    "error": (0, 1),
    "reward_ms": (0, math.inf),
    "judge_ms": (0, math.inf),
}
"""Every key of a score, in order, with its smallest and largest value."""


@dataclass(frozen=True)
class Result:
    """The value of one answer. A key that a task does not use is 0; `Task.reported` names those it uses.

    score : the training reward, in [-1, 1]
    terms : term -> value in [-1, 1], see `iea.reward_fns.terms`
    d_before : distance of the starting point (the original; refine: the previous result) to the reference, in [0, 1]
    d_after : distance of the edited original to the reference, in [0, 1]; d_before where nothing was edited
    n_tools : number of tools in the program, zeros included
    parsable : 1 where the answer held a program, or a sentence that could be put to the judge, else 0
    judge : the judge's score / 10, in [-1, 1]; 0 where the judge was not asked or unavailable
    rouge_l : `rouge.rouge_l`, in [0, 1]; reported, never part of the score
    fallback : 1 where the judge was needed and unavailable, else 0; the score is 0 then
    error : 1 where no score could be computed, through no fault of the answer, else 0
    reward_ms : wall-clock milliseconds of work, an equal share of those of the answers scored together; without the wait
        for a free worker or for the judge; after an error the time that the caller waited
    judge_ms : wall-clock milliseconds that the caller waited for the judge
    """

    score: float = 0.0
    terms: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(TERMS, 0.0))
    d_before: float = 0.0
    d_after: float = 0.0
    n_tools: float = 0.0
    parsable: float = 0.0
    judge: float = 0.0
    rouge_l: float = 0.0
    fallback: float = 0.0
    error: float = 0.0
    reward_ms: float = 0.0
    judge_ms: float = 0.0

    def as_score(self) -> Score:
        """Return the values in the order of `RANGES`."""
        values = {**vars(self), **self.terms}
        return {key: values[key] for key in RANGES}


if clash := set(TERMS) & set(Result.__dataclass_fields__):
    raise ValueError(f"a term must not have the name of another key of the result, got {sorted(clash)}; rename it")

NO_EDIT = dict.fromkeys(TERMS, -1.0)
"""The terms of an answer that edits nothing, and of one that could not be scored."""


def failed_score(reward_ms: float) -> Score:
    """Return the score of an answer that could not be scored: the worst of everything, and error = 1."""
    worst = Result(score=-1.0, terms=NO_EDIT, d_before=1.0, d_after=1.0, error=1.0, reward_ms=reward_ms)
    return worst.as_score()

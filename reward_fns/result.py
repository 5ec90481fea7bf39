"""What the reward says of one answer: one fixed set of keys for all tasks and paths, for verl takes the keys of a batch
from its first sample.
"""

from dataclasses import dataclass
from typing import TypeAlias

Score: TypeAlias = dict[str, float]
"""A `Result` as verl gets it."""


@dataclass(frozen=True)
class Result:
    """The value of one answer. A key that a task has no use for is 0; `iea.reward_fns.tasks` says which it uses.

    score : what is trained on, in [-1, 1]
    r_like, r_use : `terms.likeness` and `terms.usefulness`, in [-1, 1]
    d_before : distance of what there was before (the original; refine: the previous result) to the reference, in [0, 1]
    d_after : distance of the edited original to the reference, in [0, 1]; d_before where nothing was edited
    n_tools : number of tools in the program, zeros included
    parsable : 1 where the answer held a program, or a sentence that could be put to the judge, else 0
    judge : the judge's score / 10, in [-1, 1]; 0 where it was not asked or not to be had
    rouge_l : `rouge.rouge_l`, in [0, 1]; reported, never part of the score
    fallback : 1 where the judge was needed and could not be had, else 0; the score is 0 then
    error : 1 where no score could be computed, through no fault of the answer, else 0
    reward_ms : wall-clock milliseconds of work, an equal share of those of the answers scored with it; no waiting for a
        free worker, none for the judge; after an error what the caller waited
    judge_ms : wall-clock milliseconds that the caller waited for the judge
    """

    score: float = 0.0
    r_like: float = 0.0
    r_use: float = 0.0
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
        """The keys and values, in this order."""
        return dict(vars(self))


def failed_score(reward_ms: float) -> Score:
    """What stands in for a score that could not be computed: the worst of everything, and error = 1."""
    worst = Result(score=-1.0, r_like=-1.0, r_use=-1.0, d_before=1.0, d_after=1.0)
    return worst.as_score() | {"error": 1.0, "reward_ms": reward_ms}

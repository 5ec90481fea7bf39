"""Relative reduction of the distance to the reference."""

from iea.editor import LeaveOneOut
from iea.reward_fns.terms.term import Term

SMALLEST_BEFORE = 0.5 / 255
"""Half an 8-bit step on average: images that are nearer look the same. A slight edit (20 of 100) by the faintest tool,
vibrance, measures 1.7 times that on photographs."""


def r_like(measured: LeaveOneOut) -> float:
    """R_like = max(-1, (D0 - D) / D0), in [-1, 1]: 1 is the reference itself, 0 no gain, -1 twice as far or worse.

    Where D0 is below `SMALLEST_BEFORE`, the divisor is `SMALLEST_BEFORE`: the value stays continuous in D0, and an edit
    of a pair that is already alike gets about 0 if it changes nothing visible, else less. D0 is the distance of the
    previous result where the program refines one.

    References
    ----------
    arXiv 2606.08016, reward of the edit task; the floor is our choice.
    """
    before = measured.before if measured.previous is None else measured.previous
    return max(-1.0, (before - measured.after) / max(before, SMALLEST_BEFORE))


TERM = Term("r_like", r_like)

"""R_use that an answer cannot get for almost nothing: docs/reward.md compares the two."""

from iea.editor import LeaveOneOut
from iea.reward_fns.terms.r_like import SMALLEST_BEFORE, r_like
from iea.reward_fns.terms.term import Term

LEAST = 0.01
"""Share of D0 by which D must increase without a tool, else the tool is a near no-op."""

MOST = 2.0
"""Multiple of the program's gain that a tool may take with it, else other tools work against it."""

FULL_FROM = 0.3
"""R_like from which R_use counts in full."""


def r_use_scaled(measured: LeaveOneOut) -> float:
    """Mean over the tools of +1 if useful, else -1; a positive mean is multiplied by min(1, max(0, R_like) / FULL_FROM).

    A tool is useful if D increases without it by more than LEAST of D0 and by at most MOST times the gain D0 - D, all of
    the original, even where the program refines a previous result.

    References
    ----------
    our choice: R_use of arXiv 2606.08016 rewards near no-op tools, and tools that cancel each other.

    Examples
    --------
    >>> r_use_scaled(LeaveOneOut(before=0.2, after=0.1, without={"exposure": 0.2}))
    1.0
    >>> round(r_use_scaled(LeaveOneOut(before=0.2, after=0.197, without={"exposure": 0.2})), 3)
    0.05
    """
    least, most = LEAST * max(measured.before, SMALLEST_BEFORE), MOST * (measured.before - measured.after)
    useful = [least < distance - measured.after <= most for distance in measured.without.values()]
    use = 2.0 * sum(useful) / len(useful) - 1.0
    return use * min(1.0, max(0.0, r_like(measured)) / FULL_FROM) if use > 0 else use


TERM = Term("r_use_scaled", r_use_scaled)

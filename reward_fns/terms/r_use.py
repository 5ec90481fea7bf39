"""Share of the program's tools that help."""

from iea.editor import LeaveOneOut
from iea.reward_fns.terms.term import Term


def r_use(measured: LeaveOneOut) -> float:
    """R_use in [-1, 1]: mean over the tools used of +1 if D without that tool is strictly greater, else -1.

    A tool with the value 0 counts as used and changes nothing: -1. The program must have a tool.

    References
    ----------
    arXiv 2606.08016, reward of the edit task.
    """
    worse = [distance > measured.after for distance in measured.without.values()]
    return 2.0 * sum(worse) / len(worse) - 1.0


TERM = Term("r_use", r_use)

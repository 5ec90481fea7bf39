"""Whether each tool of the program earned its place."""

from iea.editor import LeaveOneOut


def usefulness(measured: LeaveOneOut) -> float:
    """R_use in [-1, 1]: mean over the tools used of +1 if D without that tool is strictly greater, else -1.

    A tool given the value 0 counts as used, and changes nothing: -1. A program without tools has no mean; the
    caller scores it as no edit.

    References
    ----------
    arXiv 2606.08016, reward of the edit task.
    """
    worse = [distance > measured.after for distance in measured.without.values()]
    return 2.0 * sum(worse) / len(worse) - 1.0

"""The type of a reward term."""

from collections.abc import Callable
from dataclasses import dataclass

from iea.editor import LeaveOneOut


@dataclass(frozen=True)
class Term:
    """One term of the reward of an edit program.

    name : key of the result, of the metrics and of the weights (`iea.terms.NAME`)
    function : value in [-1, 1], from the distances to the reference: of the unedited image, of the edited one, of the
        edited one without each tool, and of the previous result, if any. Called for programs with at least one tool that is not 0
    """

    name: str
    function: Callable[[LeaveOneOut], float]

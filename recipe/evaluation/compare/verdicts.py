"""Compare two edits of an item: one call for each order of the images, and a verdict if both agree.

A model may prefer the image that it sees first or last. So both orders are asked in calls of their own, the images are
labeled 1 and 2, and different answers are a tie: a preference for a position changes the flip rate, never the winner.
"""

import filecmp

from iea.recipe.evaluation.compare.grader import Outcome, Question
from iea.recipe.evaluation.compare.items import Edits, Item
from iea.recipe.evaluation.compare.prompts.pair import PAIR, Better

VERDICTS = {"a": 1.0, "tie": 0.5, "b": 0.0}
"""Verdict on two systems a and b -> share of the win that a gets."""
EQUAL = "equal"
"""In place of the answers about two equal files, which are a tie without a call."""


def pair_questions(edits: Edits, a: str, b: str, item: Item) -> tuple[Question, ...]:
    """Return the questions with a first and with b first; none for equal files of two systems.

    A system against itself is asked all the same: it shows the preference for a position alone.
    """
    first, second = edits.shown(a, item), edits.shown(b, item)
    if a != b and filecmp.cmp(first, second, shallow=False):
        return ()
    return (
        Question(PAIR, item.request, (item.original, first, second)),
        Question(PAIR, item.request, (item.original, second, first), turn=1),
    )


def verdict(*outcomes: Outcome) -> dict[str, str]:
    """Return the answers of both orders and the verdict.

    Parameters
    ----------
    outcomes : with a first, then with b first; none = equal files

    Returns
    -------
    `a_first` and `b_first`, the answers: one of VERDICTS, EQUAL, or "" for none that can be read; `verdict`, one of VERDICTS,
    or "" unless both orders have an answer

    Examples
    --------
    >>> one, two = (Better(reason="", better=label) for label in ("1", "2"))
    >>> verdict(one, two)["verdict"], verdict(one, one)["verdict"]
    ('a', 'tie')
    """
    if not outcomes:
        return {"a_first": EQUAL, "b_first": EQUAL, "verdict": "tie"}
    a_first, b_first = _meant(outcomes[0], {"1": "a", "2": "b"}), _meant(outcomes[1], {"1": "b", "2": "a"})
    known = a_first in VERDICTS and b_first in VERDICTS
    found = (a_first if a_first == b_first else "tie") if known else ""
    return {"a_first": a_first, "b_first": b_first, "verdict": found}


def _meant(outcome: Outcome, systems: dict[str, str]) -> str:
    return systems.get(outcome.better, "tie") if isinstance(outcome, Better) else ""

"""The terms of the reward, one file each. To add a term, add a file that exposes `TERM`, see docs/extend.md."""

from iea.editor import LeaveOneOut
from iea.editor.plugins import collect
from iea.reward_fns.terms.term import Term

TERMS = collect(__name__, "TERM", Term)
"""name -> term."""


def term_values(measured: LeaveOneOut) -> dict[str, float]:
    """Compute every term, name -> value in [-1, 1].

    Raises
    ------
    ValueError : a term is not in [-1, 1]

    Examples
    --------
    >>> term_values(LeaveOneOut(before=0.2, after=0.1, without={"exposure": 0.15, "tint": 0.09}))
    {'r_like': 0.5, 'r_use': 0.0, 'r_use_scaled': 0.0}
    """
    values = {name: term.function(measured) for name, term in TERMS.items()}
    for name, value in values.items():
        if not isinstance(value, int | float) or not -1 <= value <= 1:
            raise ValueError(f"the term {name} must be a number in [-1, 1], got {value!r}; correct its function")
    return {name: float(value) for name, value in values.items()}


__all__ = ["TERMS", "Term", "term_values"]

"""The weights of the reward's terms: reading, checking, and the weighted sum."""

import math
from collections.abc import Mapping
from typing import TypeAlias

from iea.reward_fns.terms import TERMS

Weights: TypeAlias = tuple[tuple[str, float], ...]
"""(term, weight) of every term with a weight above 0."""

DEFAULT_WEIGHTS: Weights = (("r_like", 0.7), ("r_use_scaled", 0.3))  # docs/reward.md has the reason
PAPER_WEIGHTS: Weights = (("r_like", 0.7), ("r_use", 0.3))
TOLERANCE = 1e-6  # of the sum of the weights


def read_weights(terms: Mapping[str, float] | None = None, w: float | None = None) -> Weights:
    """Check and return the weights of a configuration.

    Parameters
    ----------
    terms : `iea.terms`, term -> weight in [0, 1], together 1; a term left out has weight 0. None = `DEFAULT_WEIGHTS`
    w : `iea.w`, the paper's reward: r_like = w and r_use = 1 - w. None = `terms` applies

    Raises
    ------
    TypeError, ValueError : the weights are not as above, or both `w` and `terms` are set

    Examples
    --------
    >>> read_weights(w=0.25)
    (('r_like', 0.25), ('r_use', 0.75))
    >>> read_weights({"r_like": 0.7, "r_ues": 0.3})
    Traceback (most recent call last):
        ...
    ValueError: iea.terms must name terms among r_like, r_use, r_use_scaled, got 'r_ues'; correct the name or add the term
    """
    given = DEFAULT_WEIGHTS if terms is None else _checked(terms)
    if w is None:
        return given
    if dict(given) != dict(DEFAULT_WEIGHTS):
        raise ValueError(f"iea.w must be null where iea.terms is set, got {w!r} and {dict(given)}; set one of the two")
    weight = _weight("iea.w", w)
    return (("r_like", weight), ("r_use", 1.0 - weight))


def weighted_sum(values: Mapping[str, float], weights: Weights = DEFAULT_WEIGHTS) -> float:
    """Return the score of an edit: the weighted sum of its terms, in [-1, 1]."""
    return sum(weight * values[name] for name, weight in weights)


def _checked(terms: Mapping[str, float]) -> Weights:
    if not isinstance(terms, Mapping):
        raise TypeError(f"iea.terms must map terms to weights, got {terms!r}; see recipe/config/recipe/iea.yaml")
    if unknown := [name for name in terms if name not in TERMS]:
        rule = f"iea.terms must name terms among {', '.join(TERMS)}, got {unknown[0]!r}"
        raise ValueError(f"{rule}; correct the name or add the term")
    weights = tuple((name, _weight(f"iea.terms.{name}", value)) for name, value in terms.items())
    total = math.fsum(weight for _, weight in weights)
    if abs(total - 1) > TOLERANCE:
        rule = f"the weights in iea.terms must add up to 1, got {dict(weights)} with the sum {total:g}"
        raise ValueError(f"{rule}; an override keeps the weights that it does not name: set them too")
    return tuple((name, weight) for name, weight in weights if weight)


def _weight(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{key} must be a number in [0, 1], got {value!r}; it is the weight of a term")
    return float(value)

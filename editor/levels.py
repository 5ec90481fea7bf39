"""Levels of strength: the four steps that a person can name and the rubric counts in.

    level      values           asked for in
    slight     15 20 25 30      half of all edits
    moderate   45 50 55 60      three of ten
    strong     75 80 85 90      three of twenty
    extreme    100              one of twenty

The values and shares are those of the published system (arXiv 2606.08016 and its repository), in steps of 5. The gaps
between the levels are wide enough for words; any other value belongs to the nearest level.
"""

from collections.abc import Mapping

LEVELS: Mapping[str, tuple[int, ...]] = {
    "slight": (15, 20, 25, 30),
    "moderate": (45, 50, 55, 60),
    "strong": (75, 80, 85, 90),
    "extreme": (100,),
}
TIMES_IN_20: Mapping[str, int] = {"slight": 10, "moderate": 6, "strong": 3, "extreme": 1}
"""Number of edits of each level in twenty."""

TYPICAL: Mapping[str, int] = {"slight": 20, "moderate": 45, "strong": 80}
"""Slider value of each strength that a template instruction can name. 20 is the least that is visible with nearly every
tool, 80 leaves room above it, 45 lies between in ratio (20 : 45 : 80 are 2.25 and 1.8 apart). Multiples of 5, one value
per word: neither the text nor the photograph could tell 40 from 45, so finer values would be noise."""


def level(value: int) -> str:
    """The name of the level that |value| is in or nearest to.

    Raises
    ------
    ValueError : value is 0, which has no level

    Examples
    --------
    >>> level(-40)
    'moderate'
    """
    if value == 0:
        raise ValueError("a value must not be 0 to have a level, got 0; leave out tools that do nothing")
    return min(LEVELS, key=lambda name: min(abs(abs(value) - listed) for listed in LEVELS[name]))


def steps_apart(one: int, other: int) -> int:
    """Difference between the levels of two values: 0 to 3."""
    names = list(LEVELS)
    return abs(names.index(level(one)) - names.index(level(other)))

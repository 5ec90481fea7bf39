"""Levels of strength: the four steps that words can name and the rubric counts.

    level      values           share
    slight     15 20 25 30      half of all edits
    moderate   45 50 55 60      three of ten
    strong     75 80 85 90      three of twenty
    extreme    100              one of twenty

The values and shares are those of the published system (arXiv 2606.08016 and its repository), in steps of 5. The gaps
between the levels are wide enough for words; every other value belongs to the nearest level.
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
"""Value of each strength that a template request can name. 20 is the least that is visible with nearly every tool, 80 leaves
room above, and 45 lies between in ratio (2.25 and 1.8). One value per word: neither text nor photograph could tell 40 from
45, so finer values would be noise."""


def level(value: int) -> str:
    """Return the name of the level that contains |value| or is nearest to it.

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
    """Return the difference between the levels of two values: 0 to 3."""
    names = list(LEVELS)
    return abs(names.index(level(one)) - names.index(level(other)))

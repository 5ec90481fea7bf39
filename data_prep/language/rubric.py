"""Score a predicted request against the reference request: -10 to 10, by comparing the edits of the two.

    the prediction, for each of the reference's n tools          points
    tool, direction and level right                              10 / n
    - each level too weak or too strong                          a fifth of them less
    - by the similar tool                                        an eighth of them less
    tool not named                                               0
    tool named in the opposite direction                         -10 / n
    and besides
    each tool that the reference does not have                   -1
    - it is similar to one that the reference has, same sign     -1/2
    a request without an edit ("make it nicer")                  0 as the total
    not a request for an image in plain English: another topic,
    a list of words, another language, orders to the judge       -10 as the total

The sum is rounded down, so that only a faultless prediction has 10, and clipped to -10 and 10. Levels are those of
`iea.editor.levels`; `similar` tools are paired in the phrase files.

The published system (arXiv 2606.08016 and its repository) has the same range and ends, 0 for vague, 2 points for a level
and 1.25 for a substitute in a request for one tool, 1 for an unwanted tool, and the four pairs. Its other deductions, 3
for a wrong direction and 1.5 for a missing tool, do not depend on n: for one tool the exact opposite would score 7,
another tool 7.5, and a missing tool would be better than one that is a level off. Here the opposite of everything scores
-10, a prediction without a right tool at most as much as a vague request, and a tool in the right direction is always
better than a missing one.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from iea.data_prep.language.phrases import tool_phrases
from iea.editor import TOOLS
from iea.editor.levels import steps_apart

BEST, VAGUE, WORST = 10, 0, -10
LEVEL_STEP = Fraction(1, 5)  # of a tool's points, each level
SUBSTITUTED = Fraction(1, 8)  # of a tool's points
EXTRA, EXTRA_SUBSTITUTE = Fraction(1), Fraction(1, 2)  # points


def similar_tools() -> dict[str, str]:
    """Return tool -> the tool with nearly the same effect, both ways, from the phrase files.

    Raises
    ------
    ValueError : a tool is similar to two others
    """
    pairs = [(tool, other) for tool in TOOLS if (other := tool_phrases(tool).similar) is not None]
    named = [tool for pair in pairs for tool in pair]
    twice = sorted({tool for tool in named if named.count(tool) > 1})
    if twice:
        raise ValueError(f"a tool must be similar to at most one other, got two for {twice}; state each pair once")
    return {one: other for a, b in pairs for one, other in ((a, b), (b, a))}


SUBSTITUTE: Mapping[str, str] = similar_tools()


def score_programs(reference: Mapping[str, int], prediction: Mapping[str, int]) -> int:
    """Score the program of a predicted request against that of the reference.

    Parameters
    ----------
    reference : tool -> value, 1 or more that are not 0
    prediction : tool -> value; values of 0 count as not named

    Returns
    -------
    -10 to 10; `VAGUE` where `prediction` is empty

    Raises
    ------
    ValueError : all values of `reference` are 0

    Examples
    --------
    >>> score_programs({"exposure": 20, "contrast": 45}, {"exposure": 20})
    5
    >>> score_programs({"exposure": 20}, {"exposure": -20})
    -10
    """
    wanted = {tool: value for tool, value in reference.items() if value}
    named = {tool: value for tool, value in prediction.items() if value}
    if not wanted:
        raise ValueError(f"a reference must ask for one edit or more, got {dict(reference)}; leave the row out")
    stands_for = {tool: _named_by(tool, wanted, named) for tool in wanted}
    right = sum(_credit(tool, wanted[tool], by, named) for tool, by in stands_for.items() if by)
    extras = sum(_extra(tool, named[tool], wanted) for tool in named if tool not in stands_for.values())
    return max(WORST, min(BEST, floor(BEST * right / len(wanted) - extras)))


def _named_by(tool: str, wanted: Mapping[str, int], named: Mapping[str, int]) -> str | None:
    """Return the tool that counts as `tool` in the prediction: itself, or its substitute unless that was requested too."""
    if tool in named:
        return tool
    substitute = SUBSTITUTE.get(tool)
    return substitute if substitute in named and substitute not in wanted else None


def _credit(tool: str, value: int, by: str, named: Mapping[str, int]) -> Fraction:
    """Return the share of a tool's points, -1 to 1."""
    if value * named[by] < 0:
        return Fraction(-1)
    return 1 - LEVEL_STEP * steps_apart(value, named[by]) - (SUBSTITUTED if by != tool else 0)


def _extra(tool: str, value: int, wanted: Mapping[str, int]) -> Fraction:
    """Return the deduction for a tool that was not requested."""
    return EXTRA_SUBSTITUTE if wanted.get(SUBSTITUTE.get(tool, ""), 0) * value > 0 else EXTRA

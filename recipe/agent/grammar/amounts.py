"""Edits that are said in numbers: "contrast +20", "set exposure to 10", "half a stop darker"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iea.editor import TOOLS
from iea.editor.tools.exposure import STOPS
from iea.recipe.agent.grammar.vocabulary import plain

NAMES = {plain(name.replace("_", " ")): name for name in TOOLS} | {
    "clarity": "natural_contrast",
    "local contrast": "natural_contrast",
}
"""Name of a tool as people write it -> tool."""
_NAMED = rf"(?P<tool>{'|'.join(sorted(NAMES, key=len, reverse=True))})"
_AFTER = re.compile(
    rf"\b{_NAMED}\b(?: from [+-]?\d+)?(?: (?P<how>to|at|by|of|up|down|up by|down by|=))?\s*=?\s*(?P<value>[+-]?\d+(?:\.\d+)?)\s*%?"
)
_BEFORE = re.compile(rf"(?<![\w.])(?P<value>(?:[+-]\s?)?\d+)\s*%? {_NAMED}\b")
_LOWER = re.compile(r"\b(?:lower|reduce|decrease|less|down|minus|drop|cut|dark\w*|under)\b")
_COUNTS = {"half a": 0.5, "a half": 0.5, "half": 0.5, "a third of a": 1 / 3, "a": 1, "one": 1, "two": 2, "three": 3}
_STOPS = re.compile(
    rf"(?P<sign>[+-])?\s?(?P<count>\d+(?:\.\d+)?(?:/[1-9])?|\b(?:{'|'.join(_COUNTS)}))\s?(?:f )?(?:stops?|ev)\b"
)
_SAID = re.compile(
    r"(?<![\w.,/+-])\+?(?P<percent>\d{1,3})\s?(?:%|percent\b)|\bby \+?(?P<by>\d{1,3})(?![\w.,/])"
    r"|^\+?(?P<first>\d{1,3}) (?=more\b|less\b|\w+er\b)|(?:er|more|less|raise|lower) \+?(?P<last>\d{1,3})$"
)
SCALE = 100
"""Largest value of a tool; a larger number is of another scale, such as a temperature in kelvin."""


@dataclass(frozen=True)
class Edit:
    """One edit of a request.

    tool, value : its tool; its value, or the change of its value
    said : the words that ask for it
    absolute : True if the value replaces the present one
    complaint : True if the words name a fault
    """

    tool: str
    value: int
    said: str
    absolute: bool = False
    complaint: bool = False


def amounts(text: str) -> Iterator[Edit]:
    """Yield the edits that a clause in plain form says in numbers of a tool or in stops of light; beyond SCALE, it has none.

    >>> [(one.tool, one.value) for one in amounts("shadows +40 highlights -60")]
    [('shadows', 40), ('highlights', -60)]
    >>> [(one.tool, one.value) for one in amounts("half a stop darker")]
    [('exposure', -25)]
    """
    if stops := _STOPS.search(text):
        down = stops["sign"] == "-" if stops["sign"] else bool(_LOWER.search(text))
        value = round(100 / STOPS * min(_count(stops["count"]), SCALE))
        yield Edit("exposure", max(-100, min(100, -value if down else value)), text)
        return
    all_found = list(_AFTER.finditer(text)) or list(_BEFORE.finditer(text))
    ends = [0, *(found.end() for found in all_found[:-1]), len(text)]
    for found, start, end in zip(all_found, ends, ends[1:], strict=False):
        how = found.groupdict().get("how") or ""
        tool = TOOLS[NAMES[found["tool"]]]
        said = found["value"].replace(" ", "")
        if tool.name == "exposure" and "." in said:  # +0.5 counts stops
            value = round(100 / STOPS * max(-STOPS, min(float(said), STOPS)))
        else:
            value = round(max(-SCALE - 1, min(float(said), SCALE + 1)))
        absolute = how in ("to", "at", "=") or text.startswith("set ")
        if value > 0 and said[0] != "+" and not absolute and _LOWER.search(text[start:end]):
            value = -value
        yield Edit(tool.name, max(tool.low, value) if absolute and value >= -SCALE else value, text, absolute)


def number_said(text: str) -> int | None:
    """Return the value that a clause says beside its words, at most SCALE.

    >>> [number_said(text) for text in ("10% warmer", "brighter by 20", "20 more contrast", "warmer 30", "as in 30 others")]
    [10, 20, 20, 30, None]
    """
    found = _SAID.search(text)
    return min(int(found[str(found.lastgroup)]), SCALE) if found else None


def _count(said: str) -> float:
    if said in _COUNTS:
        return _COUNTS[said]
    whole, _, part = said.partition("/")
    return float(whole) / float(part or 1)

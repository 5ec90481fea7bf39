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
    rf"\b{_NAMED}\b(?: (?P<how>to|at|by|of|up|down|up by|down by|=))?\s*=?\s*(?P<value>[+-]?\d+(?:\.\d+)?)\s*%?"
)
_BEFORE = re.compile(rf"(?P<value>[+-]\s?\d+)\s*%? {_NAMED}\b")
_LOWER = re.compile(r"\b(?:lower|reduce|decrease|less|down|minus|drop|cut|dark\w*|under)\b")
_COUNTS = {"half a": 0.5, "a half": 0.5, "half": 0.5, "a third of a": 1 / 3, "a": 1, "one": 1, "two": 2, "three": 3}
_STOPS = re.compile(
    rf"(?P<sign>[+-])?\s?(?P<count>\d+(?:\.\d+)?(?:/\d)?|\b(?:{'|'.join(_COUNTS)}))\s?(?:f )?(?:stops?|ev)\b"
)
_PERCENT = re.compile(r"\b(?P<value>\d+)\s?(?:%|percent\b)")


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
    """Yield the edits that a clause in plain form says in numbers of a tool or in stops of light.

    >>> [(one.tool, one.value) for one in amounts("shadows +40 highlights -60")]
    [('shadows', 40), ('highlights', -60)]
    >>> [(one.tool, one.value) for one in amounts("half a stop darker")]
    [('exposure', -25)]
    """
    if stops := _STOPS.search(text):
        down = stops["sign"] == "-" if stops["sign"] else bool(_LOWER.search(text))
        value = round(100 / STOPS * _count(stops["count"]))
        yield Edit("exposure", max(-100, min(100, -value if down else value)), text)
        return
    for found in list(_AFTER.finditer(text)) or _BEFORE.finditer(text):
        how = found.groupdict().get("how") or ""
        tool = TOOLS[NAMES[found["tool"]]]
        said = found["value"].replace(" ", "")
        value = round(
            float(said) * (100 / STOPS if tool.name == "exposure" and "." in said else 1)
        )  # +0.5 counts stops
        if value > 0 and said[0] != "+" and _LOWER.search(text):
            value = -value
        absolute = how in ("to", "at", "=") or text.startswith("set ")
        yield Edit(tool.name, max(tool.low if absolute else -100, min(tool.high, value)), text, absolute)


def percent(text: str) -> int | None:
    """Return the number of percent in a clause, at most 100.

    >>> percent("10% warmer"), percent("warmer")
    (10, None)
    """
    found = _PERCENT.search(text)
    return min(int(found["value"]), 100) if found else None


def _count(said: str) -> float:
    if said in _COUNTS:
        return _COUNTS[said]
    whole, _, part = said.partition("/")
    return float(whole) / float(part or 1)

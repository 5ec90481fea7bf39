"""Opposites in a request: both sides of one, one side "or" the other, an action and at once its reverse."""

import re

_OPPOSITES = (
    (r"warmer|warm", r"cooler|cool"),
    (r"sharpen|sharper|crisper", r"soften|softer|blurrier"),
    (r"greener", r"pinker"),
    (r"(?:raise|increase|more) (?:the )?contrast", r"(?:lower|decrease|reduce|less) (?:the )?contrast"),
    (r"(?:boost|increase|more) (?:the )?saturation", r"(?:lower|decrease|reduce|less) (?:the )?saturation"),
)
"""Opposites for the whole image. Not brighter and darker: one request may brighten shadows and darken the rest."""

_WHOLE = ("it", "image", "photo", "photograph", "picture", "pic")
_OBJECT = r"(?: (?:(?:the|its|my|this|your) )?(?!(?:and|or|then|but|the|its|my|this|your)\b)(\w+))?"
_REVERSED = tuple(
    re.compile(rf"\b(?:{one}){_OBJECT} (?:(?:and|or|then|but|also) )*(?:{other})\b{_OBJECT}")
    for pair in (
        ("brighten|lighten", "darken"),
        ("raise|increase|boost", "lower|decrease|reduce"),
        ("warm", "cool"),
        ("sharpen", "soften"),
        ("saturate", "desaturate"),
    )
    for one, other in (pair, pair[::-1])
)
"""One action and at once its reverse, each perhaps with its object."""

_CONDITIONS = re.compile(r"\bif (?:it|the \w+) (?:is|looks|seems|needs|has)\b.*\b(?:if (?:it|the)|else|otherwise)\b")


def _reversed(text: str) -> bool:
    """Return True if an action is followed by its reverse on the same object, by name or by the pronoun of its number."""
    found = (match.groups() for pattern in _REVERSED for match in pattern.finditer(text))
    return any(
        one in (None, other) or other == ("them" if one.endswith("s") else "it") or (one in _WHOLE and other in _WHOLE)
        for one, other in found
    )


def _contradicts(text: str, sides: tuple[str, str]) -> bool:
    """Return True if a text has both sides of an opposite, unless each has an object of its own: "warm the skin"."""
    first, second = (
        {
            "" if found in _WHOLE else found
            for found in re.findall(rf"\b(?:{side})\b(?: (?:the|my|its|your) (\w+))?", text)
        }
        for side in sides
    )
    return bool(first and second and ("" in first | second or first & second))


_OR = (
    *((other, one) for one, other in _OPPOSITES),
    (
        r"raise|increase|boost|add|more|brighter|stronger|brighten",
        r"lower|decrease|reduce|remove|less|darker|weaker|darken",
    ),
    (r"lower|decrease|reduce|less|darker|weaker|darken", r"raise|increase|boost|more|brighter|stronger|brighten"),
)


def is_hedged(text: str) -> bool:
    """Return True if a request leaves open which of two opposites it wants; `text` has words in lower case alone."""
    either = any(re.search(rf"\b(?:{one}) or (?:{other})\b", text) for one, other in (*_OPPOSITES, *_OR))
    return either or _reversed(text) or bool(_CONDITIONS.search(text))


def contradictions(text: str) -> int:
    """Return the number of opposites of which a request has both sides."""
    return sum(_contradicts(text, sides) for sides in _OPPOSITES)

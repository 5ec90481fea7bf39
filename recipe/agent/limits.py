"""Recognize requests beyond the tools and explain them in plain words: such a clause is never applied to the whole photograph."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from iea.data_prep.language.local_edits import asks_for_local_edit
from iea.recipe.agent.grammar.chinese import BREAK, LEFT
from iea.recipe.agent.grammar.clauses import split_clauses

LOCAL = "local"
_SUBJECT = re.compile(
    r"\b(?:photo|photograph|picture|image|shot|pic|portrait|selfie|snap) (?:of|with|from|for) (?:my |our |his |her |a |the |this )?\w+\b"
)
"""Words for the subject of a photograph: they name no part to edit."""
_MORE_PARTS = re.compile(
    r"\b(?:skies|clouds?|sea|ocean|lake|river|mountains?|beach|sand|snow|buildings?|house|windows?|doors?|floor|flowers?|leaves|leaf|eyes?|"
    r"faces|persons?|puppy|bird|animals?|foods?|plate|hills?|roads?|street|subject|horse|boat|bride|groom|couple|nose|mouth|"
    r"everything (?:but|except)|(?:left|right|upper|lower|top|bottom) (?:half|side|part|corner|third))\b"
)
_ALLOWED = re.compile(
    r"\b(?:all|bring|make|turn|take|push|pull|to) (?:the |it )?(?:right|left|way)\b|\b(?:look|looks|is|right) right\b|\b(?:right|left) now\b|\bon top\b|\bopen up\b"
)

_NEAREST = (
    (r"\b(?:sky|skies|clouds?|windows?|snow)\b", 'A pale sky is among the bright parts - "darken the highlights".'),
    (
        r"\b(?:faces?|eyes?|person|people|man|woman|girl|boy|kids?|subject|foreground|bride|groom|couple)\b",
        'A face in the dark is among the shadows - "lift the shadows".',
    ),
    (r"\b(?:background|corner|edge|left|right|top|bottom)\b", 'The outside can be calmer - "darken the corners".'),
)
"""Words of a part -> the nearest request."""


@dataclass(frozen=True)
class Limit:
    """A clause that no tool fulfils: as `said`, the reason why the tools `cannot`, and the nearest that they can do `instead`."""

    name: str
    said: str
    cannot: str
    instead: str

    def __str__(self) -> str:
        return f'"{self.said}": {self.cannot} {self.instead}'.strip()


@dataclass(frozen=True)
class _Kind:
    name: str
    words: re.Pattern[str]
    cannot: str
    instead: str


def split_request(request: str) -> tuple[str, tuple[Limit, ...]]:
    """Return the part of a request that the tools can do, and the limits that the rest meets.

    A request without limits is returned as it is.

    >>> rest, limits = split_request("Make it warmer, crop it and darken the sky")
    >>> rest, [limit.name for limit in limits]
    ('make it warmer', ['crop', 'local'])
    """
    found = [(part, limit_of(part, said)) for said, part in _clauses(request)]
    limits = tuple(limit for _, limit in found if limit)
    if not limits:
        return request, ()
    return ", ".join(part for part, limit in found if not limit), limits


def _clauses(request: str) -> Iterator[tuple[str, str]]:
    """Yield each clause as it was said, and in plain form; they are the same for an English one."""
    for said in [request] if request.isascii() else BREAK.split(request):
        for part in split_clauses(said):
            yield (part if LEFT.search(said) is None else said.strip()), part


def reminders(request: str) -> Iterator[str]:
    """Yield what a person may not expect of a request that the tools do fulfil.

    >>> list(reminders("warmer, smoother skin"))
    ['"smoother skin": Every tool acts on the whole photograph, not on the skin alone.']
    """
    for said, clause in _clauses(request):
        if re.search(r"\bskin\b", clause):
            yield f'"{said}": Every tool acts on the whole photograph, not on the skin alone.'


def limit_of(clause: str, said: str) -> Limit | None:
    """Return the limit that a clause in plain form meets, if any, with the words of the person."""
    for kind in _kinds():
        if kind.words.search(clause):
            return Limit(kind.name, said, kind.cannot, kind.instead)
    part = _SUBJECT.sub(" ", _ALLOWED.sub(" ", clause))
    if asks_for_local_edit(part) or _MORE_PARTS.search(part):
        return Limit(LOCAL, said, "Every tool acts on the whole photograph, none on a part of it.", _instead_of(clause))
    return None


def _instead_of(clause: str) -> str:
    """Return the nearest request to an edit of a part: for the tones that the part mostly has."""
    found = (text for words, text in _NEAREST if re.search(words, clause))
    return next(
        found, 'The tools reach tones, not things - "lift the shadows", "darken the highlights", "richer colors".'
    )


@cache
def _kinds() -> tuple[_Kind, ...]:
    listed = yaml.safe_load((files(__package__) / "limits.yaml").read_text(encoding="utf-8"))
    return tuple(_Kind(one["name"], re.compile(one["words"]), one["cannot"], one["instead"]) for one in listed)


def explained(limits: Iterable[Limit]) -> list[str]:
    """Return the limits in words, each once."""
    return list(dict.fromkeys(str(limit) for limit in limits))

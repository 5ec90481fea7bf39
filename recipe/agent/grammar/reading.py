"""Read a request as edits: tool, value, and whether it is the new value or a change of the present one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from iea.editor import TOOLS, Program
from iea.recipe.agent.grammar.amounts import NAMES, SCALE, Edit, amounts, number_said
from iea.recipe.agent.grammar.chinese import LEFT
from iea.recipe.agent.grammar.clauses import Clause, clauses
from iea.recipe.agent.grammar.lexicon import SURE, Found, Lexicon, content, directions, lexicon
from iea.recipe.agent.grammar.vocabulary import VALUES, ignored, own_words, plain, words

UNSAID = "moderate"
"""Level of an edit without a word of strength."""
_RESTRAINED = re.compile(r"(?:just |only )?not (?:too|so|very|that) \w+$|(?:just |only )?(?:a little|a bit|slightly)$")
OPPOSITE: Mapping[str, str] = {"fade": "contrast"}
"""Tool without negative values -> the tool that takes away what a photograph has of it by itself."""
_KEPT = re.compile(r"\b(?:keep|leave|preserve)\b")
_DIGITS = re.compile(r"\d[\d.,/]*")
_WITHOUT = re.compile(r".*?\b(?:no|without|avoid|dont (?:add|use|make))\b")


@dataclass(frozen=True)
class Reading:
    """A request as it was understood.

    edits : in its order, one of a tool
    kept : tools that must stay as they are
    dropped : tools that must not be used, as in "no grain"
    unknown : words, or whole clauses, that were not understood
    improved : tools with values that the image should decide, as in "fix the white balance"; all of them for "make it better"
    """

    edits: tuple[Edit, ...] = ()
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    improved: tuple[str, ...] = ()

    def possible(self, previous: Mapping[str, int]) -> "Reading":
        """Return the reading for a program: less of a tool that it does not use is more of another one.

        >>> [(edit.tool, edit.value) for edit in read_request("less washed out").possible({}).edits]
        [('contrast', 45)]
        """
        edits = [
            replace(edit, tool=OPPOSITE[edit.tool], value=-edit.value)
            if edit.value < 0 and edit.tool in OPPOSITE and not previous.get(edit.tool)
            else edit
            for edit in self.edits
        ]
        return replace(self, edits=tuple(_merged(edits)))

    def applied(self, program: Mapping[str, int]) -> Program:
        """Return a program with the edits added to it, within the ranges of the tools.

        >>> Reading((Edit("exposure", 45, "brighter"),)).applied({"exposure": 80, "grain": 20})
        Program({'exposure': 100, 'grain': 20})
        """
        values = {tool: value for tool, value in program.items() if tool not in self.dropped}
        for edit in self.edits:
            value = edit.value if edit.absolute else values.get(edit.tool, 0) + edit.value
            values[edit.tool] = min(max(value, TOOLS[edit.tool].low), TOOLS[edit.tool].high)
        return Program({tool: value for tool, value in values.items() if value})


def read_request(request: str, known: Lexicon | None = None) -> Reading:
    """Read a request.

    >>> reading = read_request("make it a bit warmer and lift the shadows a lot, but keep the contrast")
    >>> [(edit.tool, edit.value) for edit in reading.edits], reading.kept
    ([('temperature', 20), ('shadows', 80)], ('contrast',))
    >>> read_request("make it fluffier").unknown
    ('make it fluffier',)
    """
    heard = _Heard(known or lexicon())
    for clause in clauses(request):
        heard.take(clause)
    return heard.reading()


class _Heard:
    """Collects the clauses of a request."""

    def __init__(self, known: Lexicon) -> None:
        self._known, self._head = known, ""
        self._edits: list[Edit] = []
        self._kept: list[str] = []
        self._dropped: list[str] = []
        self._unknown: list[str] = []
        self._improved: list[str] = []

    def take(self, clause: Clause) -> None:
        """Add the meaning of a clause, and name its words that are of no language known here."""
        known = len(self._unknown)
        self._take(clause)
        self._unknown += [
            one for one in LEFT.findall(clause.text) if not any(one in said for said in self._unknown[known:])
        ]

    def _take(self, clause: Clause) -> None:
        counted = list(amounts(clause.text))
        if counted and (not clause.negated or _KEPT.search(clause.text)):
            if all(abs(edit.value) <= SCALE for edit in counted):
                self._edits += counted
            else:
                self._unknown.append(clause.text)
        elif self._edits and _RESTRAINED.match(clause.text):
            last = self._edits[-1]
            self._edits[-1] = replace(last, value=(1 if last.value > 0 else -1) * VALUES["slight"])
        elif clause.negated:
            self._exclude(clause)
        elif look := _look(clause):
            self._edits += look
        elif tools := _improved(clause.core):
            self._improved += tools
        elif found := _found(clause, self._head, self._known):
            self._head = clause.core
            self._unknown += [word for word in found.unknown if word in words(clause.core)]
            number = number_said(clause.text)
            self._unknown += _DIGITS.findall(clause.text) if number is None else []
            value = found.entry.sign * (VALUES[clause.level or UNSAID] if number is None else number)
            self._edits.append(Edit(found.entry.tool, value, clause.text, complaint=clause.complaint))
        elif set(words(clause.core)) - ignored() - directions():
            self._unknown.append(clause.text)

    def _exclude(self, clause: Clause) -> None:
        place = self._dropped if _WITHOUT.match(clause.text) else self._kept
        if group := _group(clause.core):
            place += group
        elif found := self._known.find(words(clause.core)):
            place.append(found.entry.tool)
        elif clause.core:
            self._unknown.append(clause.text)

    def reading(self) -> Reading:
        """Return the whole, each tool once."""
        edits = [edit for edit in _merged(self._edits) if edit.tool not in {*self._kept, *self._dropped}]
        others = (tuple(dict.fromkeys(part)) for part in (self._kept, self._dropped, self._unknown, self._improved))
        return Reading(tuple(edits), *others)


def _found(clause: Clause, head: str, known: Lexicon) -> Found | None:
    """Return the phrase of a clause; a noun alone gets the verb of the clause before: "lift the shadows and blacks"."""
    own = words(clause.core)
    alone = known.find(own)
    if (alone is None or alone.share < SURE) and head and all(word in known.nouns - ignored() for word in content(own)):
        verb = tuple(word for word in words(head) if word not in known.nouns - ignored())
        if found := known.find((*verb, *own)):
            return found
    return alone


def _group(core: str) -> list[str]:
    """Return the tools of a word for several."""
    own = [word for word in words(core) if word not in ("the", "as", "they", "are")]
    return next((tools for name, tools in own_words()["groups"].items() if list(words(name)) == own), [])


def _look(clause: Clause) -> list[Edit]:
    """Return the edits of a look that a clause names; "" in its strength is the look as it is listed."""
    for name, program in own_words()["looks"].items():
        if re.search(rf"\b{re.sub('y$', '(?:y|ier)', plain(name))}(?! grain)\b", clause.text):
            factor = VALUES[clause.level or UNSAID] / VALUES[UNSAID]
            return [Edit(tool, round(_scaled(value, factor)), clause.text) for tool, value in program.items()]
    return []


def _scaled(value: int, factor: float) -> float:
    return value if abs(value) == 100 else max(-100.0, min(100.0, value * factor))


def _improved(core: str) -> list[str]:
    """Return the tools of a clause that asks for an improvement without saying which."""
    said = words(core.replace("natural contrast", "local contrast"))
    vague = frozenset(words(own_words()["vague"]))
    if not vague & set(said):
        return []
    rest = [word for word in said if word not in vague | ignored() or word in ("colour", "tone")]
    if not rest:
        return list(TOOLS)
    named = [tool for name, tool in NAMES.items() if list(words(name)) == rest]
    return named or next((tools for name, tools in own_words()["groups"].items() if list(words(name)) == rest), [])


def _merged(edits: Iterable[Edit]) -> list[Edit]:
    """Keep one edit of each tool: an order says how much, a complaint only why; else the last one holds."""
    merged: dict[str, Edit] = {}
    for edit in edits:
        before = merged.get(edit.tool)
        if before and edit.complaint and not before.complaint and edit.value * before.value > 0:
            continue
        merged[edit.tool] = edit
    return list(merged.values())

"""Short requests that need no model: undo, redo, start over, less, more, only the colors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from iea.editor import TOOLS, Program
from iea.recipe.agent.grammar.vocabulary import plain
from iea.recipe.agent.groups import group_of

Kind: TypeAlias = Literal["undo", "redo", "reset", "scale", "only"]
PARTS: Mapping[str, str] = {
    "colour": "color",
    "light": "light",
    "tone": "light",
    "detail": "detail",
    "texture": "detail",
}
"""Word for a part of an edit -> group of its tools."""
_END = r"(?: of (?:that|it|this|everything)| than (?:that|now|this)| please| now)*"
_WORDS: tuple[tuple[Kind, str, float], ...] = (
    (
        "undo",
        r"(?:undo(?: (?:that|it|this|the last (?:one|step|change|edit)))?|go back|back|revert(?: that)?|take (?:that|it) back|ctrl z)",
        0,
    ),
    ("redo", r"(?:redo(?: (?:that|it|this))?|forward|bring it back)", 0),
    (
        "reset",
        r"(?:reset|start over|start again|from scratch|back to the original|the original|remove all edits|undo (?:all|everything))",
        0,
    ),
    (
        "scale",
        r"(?:just )?(?:much|a lot|way|far) (?:less|weaker|subtler)|way too (?:much|strong)|far too (?:much|strong)|much too (?:much|strong)",
        0.25,
    ),
    (
        "scale",
        r"(?:just )?(?:a (?:bit|little|touch)|slightly) (?:less|weaker|subtler)|(?:a (?:bit|little|touch)|slightly) too (?:much|strong)",
        0.75,
    ),
    (
        "scale",
        r"(?:just )?(?:less|weaker|subtler|half|gentler|more subtle|less strong|too much|too strong|not so (?:much|strong)|tone it down|dial it back)",
        0.5,
    ),
    ("scale", r"(?:just )?(?:much|a lot|way|far) (?:more|stronger)|double(?: it)?|twice as much", 2),
    ("scale", r"(?:just )?(?:a (?:bit|little|touch)|slightly) (?:more|stronger)|not quite enough", 1.25),
    ("scale", r"(?:just )?(?:more|stronger|even more|not enough|too weak|too little|push it)", 1.5),
)


@dataclass(frozen=True)
class Command:
    """A short request.

    factor : of "scale": of the last change
    part : of "only": a key of PARTS
    """

    kind: Kind
    factor: float = 1.0
    part: str = ""

    def apply(self, program: Mapping[str, int], base: Mapping[str, int]) -> Program:
        """Return the program after "scale" or "only"; `base` is the program before the last change.

        >>> Command("scale", 0.5).apply({"exposure": 40, "grain": 20}, {"grain": 20})
        Program({'exposure': 20, 'grain': 20})
        """
        if self.kind == "only":
            return Program({tool: value for tool, value in program.items() if group_of(tool) == PARTS[self.part]})
        values = {}
        for name, tool in TOOLS.items():
            before, now = base.get(name, 0), program.get(name, 0)
            values[name] = min(max(round(before + self.factor * (now - before)), tool.low), tool.high)
        return Program({name: value for name, value in values.items() if value})


def command_of(request: str) -> Command | None:
    """Return the command in a request, None for a request to a model.

    >>> command_of("A bit less, please"), command_of("less contrast")
    (Command(kind='scale', factor=0.75, part=''), None)
    """
    text = re.sub(r"[.,!?]+", "", plain(request)).strip()
    text = re.sub(r"^(?:please|ok|okay|good but|nice but|now|hm+|can you|could you) ", "", text)
    for kind, words, factor in _WORDS:
        if re.fullmatch(f"(?:{words}){_END}", text):
            return Command(kind, factor or 1.0)
    only = re.fullmatch(rf"(?:keep )?only (?:the |its )?(\w+?)s?(?: (?:edits?|changes?|part))?{_END}", text)
    if only and only[1] in PARTS:
        return Command("only", part=only[1])
    return None


def asks_why(request: str) -> bool:
    """Return True if a request asks for the reasons of the last edit."""
    return bool(
        re.fullmatch(
            r"(?:but )?(?:why|how come|why (?:that|this|so)|(?:and )?why did you .{1,80}|explain(?: (?:that|it|this|yourself))?"
            r"|what (?:did you|have you|has) (?:do|done|change|changed))\W*",
            plain(request),
        )
    )

"""The state of a session as JSON values for the page."""

from collections.abc import Mapping
from typing import Any

from iea.editor import TOOLS
from iea.editor.levels import level
from iea.recipe.agent.exports.parts import application_order
from iea.recipe.agent.groups import group_of
from iea.recipe.agent.session import Turn
from iea.recipe.agent.web.languages import Texts
from iea.recipe.agent.web.store import Live

PUBLIC = ("name", "width", "height", "bits", "findings")


def state_of(live: Live) -> dict[str, Any]:
    """Return the photograph, the turns, and the steps of the present program in the order of application."""
    talk, program = live.talk, live.talk.program
    order = application_order(program)
    return {
        "photo": {key: live.about[key] for key in PUBLIC},
        "turns": [_turn(turn) for turn in talk.turns],
        "length": talk.length,
        "program": dict(program),
        "steps": [
            {
                "tool": name,
                "value": program[name],
                "level": level(program[name]),
                "until": {tool: program[tool] for tool in order[:number]},
            }
            for number, name in enumerate(order, 1)
        ],
        "thinking": live.thinking,
    }


def tools_of(texts: Texts) -> dict[str, list[dict[str, Any]]]:
    """Return the tools by group, with their names and words in one language; a tool without a text keeps its own."""
    groups: dict[str, list[dict[str, Any]]] = {"light": [], "color": [], "detail": []}
    for tool in TOOLS.values():
        text = texts.tools.get(tool.name, {})
        groups[group_of(tool.name)].append(
            {
                "name": tool.name,
                "low": tool.low,
                "high": tool.high,
                "label": text.get("label", tool.name.replace("_", " ")),
                "minus": text.get("minus", tool.minus),
                "plus": text.get("plus", tool.plus),
            }
        )
    return groups


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "request": turn.request,
        "by": turn.by,
        "why": turn.why,
        "notes": list(turn.notes),
        "changes": _changes(turn.base, turn.program),
    }


def _changes(base: Mapping[str, int], program: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the tools that a turn moved, with both values."""
    moved = (name for name in TOOLS if base.get(name, 0) != program.get(name, 0))
    return [{"tool": name, "from": base.get(name, 0), "to": program.get(name, 0)} for name in moved]

"""Explain a program in words: the effect of each tool on a photograph, and the reasons."""

from collections.abc import Mapping

from iea.data_prep.label.match import reduced
from iea.editor import TOOLS, Image, distances, render
from iea.editor.levels import level
from iea.recipe.agent.session import Session
from iea.recipe.agent.stats import measure

SIDE = 256  # px, of the copy on which shares are measured


def trace(program: Mapping[str, int]) -> list[str]:
    """Return one line per tool: its value, its strength and its effect.

    >>> trace({"exposure": 20})
    ['exposure          +20  slight: brighter everywhere, as with more light']
    """
    return [
        f"{name:16} {value:+4d}  {level(value)}: {words_of(name, value)}" for name, value in program.items() if value
    ]


def words_of(name: str, value: int) -> str:
    """Return the effect of a value in words; of a tool without negative values, less of it."""
    tool = TOOLS[name]
    return tool.plus if value > 0 else tool.minus


def shares(image: Image, program: Mapping[str, int]) -> dict[str, float]:
    """Return tool -> its share of the change: the distance between the results with and without it, over the sum of all; on a small copy."""
    small = reduced(image, SIDE)
    without = [{name: value for name, value in program.items() if name != left} for left in program]
    parts = distances(small, render(small, program), without)
    return {name: part / (sum(parts) or 1.0) for name, part in zip(program, parts, strict=True)}


def why(session: Session, image: Image) -> list[str]:
    """Return the reasons of the present edit: requests, the model's own words, the effect of each tool, and findings."""
    program, turn = session.program, session.turn
    if turn is None or not program:
        return ["the photograph is as it was: no tool is in use"]
    lines = [f'you said "{one.request}"' for one in session.turns[: session.length] if one.request]
    lines += [f"the model's reasons: {turn.why}"] if turn.why else []
    weights = shares(image, program)
    lines += [f"{line} ({weights[name]:.0%} of the change)" for name, line in zip(program, trace(program), strict=True)]
    small = reduced(image, SIDE)
    before, after = measure(small), measure(render(small, program))
    lines.append(
        f"lightness of the middle {before.lightness[50]:.0f} -> {after.lightness[50]:.0f} of 100, "
        f"strength of colors {before.chroma:.0f} -> {after.chroma:.0f}"
    )
    return lines

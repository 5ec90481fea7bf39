"""Measure the loss of programs that are converted from the published editor to ours, and back.

    python tests/benchmarks/conversion.py

The bundled photographs take turns. Single tools have one of the strengths that words can name; mixed programs have two to five
of them. Grain is left out.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import numpy as np
import typer
from matching import programs
from photographs import photographs
from tqdm import tqdm

from iea.editor import TOOLS, Program
from iea.editor.markdown import markdown_table
from iea.recipe.evaluation.convert import WITHOUT_GRAIN, Conversion, convert

DIRECTIONS: dict[Literal["iea", "released"], str] = {"iea": "published to ours", "released": "ours to published"}
SINGLE = 45


def single_tools() -> list[tuple[str, Program]]:
    """Return (tool with sign, program) of every tool but grain, both ways."""
    signed = [(name, sign) for name in WITHOUT_GRAIN for sign in (-1, 1) if sign > 0 or TOOLS[name].low < 0]
    return [(f"{name} {sign * SINGLE:+d}", Program({name: sign * SINGLE})) for name, sign in signed]


def mixed(count: int) -> list[Program]:
    """Return `count` programs of several tools."""
    return [Program({tool: program[tool] for tool in program if tool != "grain"}) for _, program in programs(count)]


def converted(some: Iterable[Program], to: Literal["iea", "released"], side: int, about: str) -> list[Conversion]:
    """Convert each program on the next photograph."""
    shown = photographs()
    listed = [program for program in some if program]
    return [
        convert(shown[number % len(shown)], program, to, side=side)
        for number, program in enumerate(tqdm(listed, desc=f"{about}, {DIRECTIONS[to]}", unit="program"))
    ]


def summary(found: Sequence[Conversion]) -> list[object]:
    """Return the cells of a line: means and medians of one direction."""
    loss, change, delta_e = (np.array([getattr(one, key) for one in found]) for key in ("loss", "change", "delta_e"))
    cells = [change.mean(), loss.mean(), np.median(loss), loss.max(), np.median(loss / change)]
    return [
        len(found),
        *(f"{float(cell):.4f}" for cell in cells),
        *(f"{cell:.2f}" for cell in (delta_e.mean(), delta_e.max())),
    ]


def main(
    count: Annotated[int, typer.Option(min=1, help="mixed programs for each direction")] = 24,
    side: Annotated[int, typer.Option(min=32, help="longer side of the photographs, px")] = 128,
) -> None:
    """Print two tables in Markdown."""
    columns = [
        "direction",
        "programs",
        "D of the edit",
        "L",
        "median L",
        "largest L",
        "median L / D",
        "deltaE 2000",
        "largest",
    ]
    lines = [[DIRECTIONS[to], *summary(converted(mixed(count), to, side, "mixed"))] for to in DIRECTIONS]
    typer.echo(f"\nMixed programs, {side} px\n\n{markdown_table(columns, lines)}")
    named = single_tools()
    found = {to: converted([program for _, program in named], to, side, "single") for to in DIRECTIONS}
    both = zip((name for name, _ in named), *found.values(), strict=True)
    cells = [
        [name, *(f"{x:.4f}" for one in pair for x in (one.change, one.loss)), *(f"{one.delta_e:.2f}" for one in pair)]
        for name, *pair in both
    ]
    heads = [
        "tool",
        *(f"{text}: {key}" for text in DIRECTIONS.values() for key in ("D", "L")),
        *(f"{text}: deltaE" for text in DIRECTIONS.values()),
    ]
    typer.echo(f"\nSingle tools, {side} px\n\n{markdown_table(heads, cells)}")


if __name__ == "__main__":
    typer.run(main)

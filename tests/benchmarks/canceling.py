"""Search programs of two and three tools that cancel: each tool alone is clearly visible, together they nearly give the original.

    python tests/benchmarks/canceling.py

dE is the mean CIEDE2000 to the original over the bundled photographs. Two tools are searched if their changes at 50 or 100 are
opposite; one keeps this value. To each pair found, every third tool is then added.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, TypeAlias

import looks
import numpy as np
import typer
from photographs import photographs, shrunk
from tqdm import tqdm

from iea.editor import TOOLS, Program, render
from iea.editor.markdown import markdown_table

VALUES = (50, 100)
OPPOSITE = -0.65  # cosine of the two changes in Lab, at most
VISIBLE = 2.0  # least dE of each tool alone
CANCELED = 0.75  # dE of the pair, at most this share of the lesser tool alone; of three tools, half of it
STEPS = (32, 16, 8, 4, 2)

Edits: TypeAlias = Mapping[str, int]


class Originals:
    """The photographs, and the dE of their edits."""

    def __init__(self, side: int) -> None:
        self.images = [shrunk(image, side) for image in photographs()]
        self.before = self._lab({})

    def _lab(self, edits: Edits) -> looks.Floats:
        return np.concatenate([looks.lab(render(image, edits)).reshape(-1, 3) for image in self.images])

    def change(self, edits: Edits) -> looks.Floats:
        """Return the change in Lab, scaled to length 1."""
        moved = self._lab(edits) - self.before
        return moved / max(np.linalg.norm(moved), 1e-9)

    def delta_e(self, edits: Edits) -> float:
        """Return the mean dE to the originals."""
        return float(looks.difference(self._lab(edits), self.before).mean())

    def alone(self, program: Edits) -> float:
        """Return the least dE of a tool of the program alone."""
        return min(self.delta_e({tool: value}) for tool, value in program.items())

    def settle(self, program: Edits, free: Sequence[str]) -> Program:
        """Return the program with the values of the `free` tools that give the least dE, by a coordinate search."""
        best, least = dict(program), self.delta_e(program)
        for step in STEPS:
            for tool in free:
                for signed in (step, -step):
                    while TOOLS[tool].low <= (value := best.get(tool, 0) + signed) <= TOOLS[tool].high:
                        if (found := self.delta_e({**best, tool: value})) >= least:
                            break
                        best, least = {**best, tool: value}, found
        return Program({tool: value for tool, value in best.items() if value})


def opposite(originals: Originals) -> Iterator[tuple[str, int, str]]:
    """Yield (tool, value, another tool) where the other one, in a direction, changes the images in the opposite way."""
    signed = [(tool, sign * value) for tool in TOOLS for value in VALUES for sign in (1, -1)]
    changes = {(tool, value): originals.change({tool: value}) for tool, value in signed if value >= TOOLS[tool].low}
    for first, second in combinations(TOOLS, 2):
        for value in (value for tool, value in changes if tool == first):
            others = (changes[key] for key in changes if key[0] == second)
            if min(float((changes[first, value] * other).sum()) for other in others) < OPPOSITE:
                yield first, value, second


def canceling(originals: Originals) -> Iterator[tuple[Program, float, float]]:
    """Yield programs of two and of three tools that cancel, their dE, and the least dE of a tool alone."""
    for first, value, second in tqdm(list(opposite(originals)), desc="pairs", disable=None):
        program = originals.settle({first: value}, [second])
        alone, together = originals.alone(program), originals.delta_e(program)
        if len(program) < 2 or alone < VISIBLE or together > CANCELED * alone:
            continue
        yield program, together, alone
        for third in (tool for tool in TOOLS if tool not in program):
            more = originals.settle(program, [second, third])
            alone, together = originals.alone(more), originals.delta_e(more)
            if len(more) == 3 and alone >= VISIBLE and together <= CANCELED / 2 * alone:
                yield more, together, alone


def main(side: Annotated[int, typer.Option(min=32, help="longer side of the images, pixels")] = 64) -> None:
    """Print the programs in Markdown, those of two tools first, each by its dE relative to the tools alone."""
    found = sorted(canceling(Originals(side)), key=lambda one: (len(one[0]), one[1] / one[2]))
    rows = [(program.to_json(), f"{together:.1f}", f"{alone:.1f}") for program, together, alone in found]
    typer.echo(markdown_table(("program", "dE", "least dE of a tool alone"), rows))


if __name__ == "__main__":
    typer.run(main)

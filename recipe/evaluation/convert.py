"""Convert a program of one editor to the other: the one whose result on a photograph is nearest, found by search.

    iea convert photo.jpg '{"exposure": 40}' --to released

The search is the oracle of the labels, Levenberg-Marquardt, on the result of the given program as the reference. The two editors
share the names of their tools and nearly all ranges, so the given program is also a start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from iea.data_prep.label.match import ORACLE, SIDE, reduced
from iea.data_prep.label.objective import Objective
from iea.editor import TOOLS, Image, Program, distance, released
from iea.recipe.evaluation.editors import EDITORS, Editor, integers

Name: TypeAlias = Literal["iea", "released"]

WITHOUT_GRAIN = tuple(name for name in TOOLS if name != "grain")
"""Tools of a conversion: two patterns of noise are never near each other."""

STILL = {"contrast": -33}
"""A second start in the published editor: its contrast jumps at 0; from this value, which changes nearly nothing, it can be
fitted both ways."""


class ReleasedObjective(Objective):
    """D of programs of the published editor; their tools have the names of ours."""

    tools = tuple(name for name in WITHOUT_GRAIN if name in released.NAMES)

    def rendered(self, program: Program) -> Image:
        return released.render(self.original, program)

    def distances(self, programs: Sequence[Program]) -> list[float]:
        return [distance(self.rendered(program), self.reference) for program in programs]


class OurObjective(Objective):
    """D of programs of ours, without grain."""

    tools = WITHOUT_GRAIN


@dataclass(frozen=True)
class Conversion:
    """A program of the other editor, and its loss on one photograph.

    program : at most all tools but grain
    change : D of the photograph and the result of the given program
    loss : D of the results of both programs
    delta_e : mean deltaE 2000 of the results of both programs
    evaluations : programs rendered
    """

    program: Program
    change: float
    loss: float
    delta_e: float
    evaluations: int


def convert(photograph: Image, program: Mapping[str, Any], to: Name, *, side: int = SIDE) -> Conversion:
    """Search for the program of the editor `to` whose result is nearest to that of `program` in the other one.

    Parameters
    ----------
    photograph : (H, W, 3) uint8 or uint16 sRGB
    program : tool -> value, of the editor that is not `to`
    to : "released" or "iea"
    side : px, a larger photograph is reduced before both editors; the loss holds for that size

    Raises
    ------
    ValueError : `to` is not one of both, or `program` is not a program (ProgramError for one of ours)

    Examples
    --------
    >>> photograph = np.arange(48 * 48 * 3).reshape(48, 48, 3).astype(np.uint8)
    >>> found = convert(photograph, {"brightness": 20}, "iea")
    >>> found.loss < 0.2 * found.change
    True
    """
    if to not in EDITORS:
        raise ValueError(f"a program must be converted to one of {', '.join(EDITORS)}, got {to!r}")
    source = _other(to)
    small = reduced(photograph, side)
    wanted = source.render(small, program)
    objective = (ReleasedObjective if to == "released" else OurObjective)(small, wanted)
    same = integers({name: value for name, value in program.items() if name in objective.tools})
    generator = np.random.default_rng(0)
    starts = [same, Program({**STILL, **same})] if to == "released" else [same]
    found = objective.closest([same, *(ORACLE.run(objective, start, generator) for start in starts)])
    result = objective.rendered(found)
    return Conversion(
        program=found,
        change=distance(small, wanted),
        loss=distance(result, wanted),
        delta_e=mean_delta_e(result, wanted),
        evaluations=objective.evaluations,
    )


def mean_delta_e(a: Image, b: Image) -> float:
    """Return the mean deltaE 2000 of two 8-bit images."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    return float(deltaE_ciede2000(rgb2lab(a), rgb2lab(b)).mean())


def _other(name: Name) -> Editor:
    return EDITORS["iea" if name == "released" else "released"]

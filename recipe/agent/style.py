"""The style of edits: the program that explains one or more pairs, what it does not explain, and its summary."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.label import fit_program
from iea.data_prep.label.match import SIDE, reduced
from iea.editor import TOOLS, Image, Program, distance, render
from iea.recipe.agent.models.model import Model

LEAST = 4  # of a median value that is kept
VISIBLE = 0.05  # share of the difference, beyond which the unexplained part is worth a word


@dataclass(frozen=True)
class Fit:
    """The program of a pair, and the part of the edit that it does not explain.

    change : D of both images, in [0, 1]
    left : D of the program's result and the edited image
    delta_e_change, delta_e_left : the same as mean deltaE 2000
    summary : the request behind the edit, "" = not asked
    """

    program: Program
    change: float
    left: float
    delta_e_change: float
    delta_e_left: float
    summary: str = ""

    @property
    def explained(self) -> float:
        """The share of the difference that the program explains, in [0, 1]."""
        return 1 - self.left / self.change if self.change else 1.0


def fit_pair(before: Image, after: Image, model: Model | None = None) -> Fit:
    """Find the program that explains an edit.

    Parameters
    ----------
    before, after : images of one shape; depths may differ
    model : writes the summary; None = none is written

    Raises
    ------
    ValueError : the shapes differ, as after a crop, or the images are equal
    """
    if before.shape != after.shape:
        sizes = " and ".join(f"{one.shape[1]} x {one.shape[0]}" for one in (before, after))
        raise ValueError(f"both images must have the same size, got {sizes}; a crop or a turn cannot be explained, undo it first")
    small, wanted = (reduced(to_8_bits(one), SIDE) for one in (before, after))
    if np.array_equal(small, wanted):
        raise ValueError("both images must differ, got equal ones; name the edited file second")
    program = fit_program(small, wanted)
    result = render(small, program)
    return Fit(
        program,
        distance(small, wanted),
        distance(result, wanted),
        mean_delta_e(small, wanted),
        mean_delta_e(result, wanted),
        model.summarize(small, wanted) if model else "",
    )


def style_of(fits: Sequence[Fit]) -> Program:
    """Return the median value of each tool over the programs of several pairs; a tool that most leave out is not part of it.

    >>> one, other = (Fit(Program(values), 0, 0, 0, 0) for values in ({"exposure": 20, "fade": 40}, {"fade": 20}))
    >>> style_of([one, other, one]), style_of([other])
    (Program({'exposure': 20, 'fade': 40}), Program({'fade': 20}))
    """
    values = {tool: round(median(fit.program.get(tool, 0) for fit in fits)) for tool in TOOLS}
    return Program({tool: value for tool, value in values.items() if abs(value) >= (LEAST if len(fits) > 1 else 1)})


def mean_delta_e(a: Image, b: Image) -> float:
    """Return the mean deltaE 2000 of two 8-bit images; nan without scikit-image."""
    try:
        from iea.recipe.evaluation.convert import mean_delta_e
    except ImportError:
        return float("nan")
    try:
        return mean_delta_e(a, b)
    except ImportError:
        return float("nan")

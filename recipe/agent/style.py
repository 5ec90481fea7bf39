"""The style of edits: the program that explains one or more pairs, the part that it does not explain, and its summary."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.label import fit_program
from iea.data_prep.label.match import SIDE, reduced, upper_bound
from iea.editor import TOOLS, Image, Program, distance, render
from iea.editor.io import regular
from iea.recipe.agent.models.model import Model

LEAST = 4  # of a value that is kept
VISIBLE = 0.05  # share of the difference, beyond which the unexplained part is worth a longer search, and a word


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

    def as_dict(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return asdict(self) | {"program": dict(self.program), "explained": self.explained}


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
    check_pair(before, after) if before.dtype == after.dtype else check_pair(to_8_bits(before), to_8_bits(after))
    small, wanted = (reduced(to_8_bits(one), SIDE) for one in (before, after))
    if np.array_equal(small, wanted):
        raise ValueError("both images must differ visibly, got a difference that is gone at half a megapixel")
    program = _closest(small, wanted)
    result = render(small, program)
    return Fit(
        program,
        distance(small, wanted),
        distance(result, wanted),
        mean_delta_e(small, wanted),
        mean_delta_e(result, wanted),
        model.summarize(small, wanted) if model else "",
    )


def _closest(small: Image, wanted: Image) -> Program:
    """Return the program of the label search; where it leaves much, that of the long search if it is closer without small values."""
    program = fit_program(small, wanted)
    if distance(render(small, program), wanted) <= VISIBLE * distance(small, wanted):
        return program
    longer = upper_bound(small, wanted, program).program
    kept = Program({tool: value for tool, value in longer.items() if abs(value) >= LEAST})
    return min(program, kept, key=lambda one: distance(render(small, one), wanted))


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


def check_pair(before: Image, after: Image) -> None:
    """Raise ValueError unless both images have one size and differ."""
    if before.shape != after.shape:
        sizes = " and ".join(f"{one.shape[1]} x {one.shape[0]}" for one in (before, after))
        raise ValueError(
            f"both images must have the same size, got {sizes}; a crop or a turn cannot be explained, undo it first"
        )
    if np.array_equal(before, after):
        raise ValueError("both images must differ, got equal ones; name the edited file second")


def report(fit: Fit) -> str:
    """Return in words how much of an edit its program explains."""
    text = f"explains {fit.explained:.0%} of the difference (D {fit.change:.3f} -> {fit.left:.3f}"
    if not np.isnan(fit.delta_e_left):
        text += f"; mean deltaE 2000 {fit.delta_e_change:.1f} -> {fit.delta_e_left:.1f}"
    if fit.explained < 1 - VISIBLE and fit.delta_e_left > 1:
        return (
            f"{text}). The rest is beyond these tools: local edits, single hues, curves of their own, or other pixels"
        )
    return f"{text})"


def read_program(given: str) -> Program:
    """Return a program given as JSON, or in a file: bare, of `iea fit`, or of a conversation.

    Raises
    ------
    ValueError : it is none, or has no tool in use

    >>> read_program('{"exposure": 20, "fade": 0}')
    Program({'exposure': 20})
    """
    text = given
    if not given.lstrip().startswith("{"):
        try:
            text = regular(given).read_text(encoding="utf-8-sig")  # some editors begin with a mark
        except (OSError, ValueError) as error:
            raise ValueError(f"the program must be JSON or a file with it, got {given!r}: {error}") from error
    with suppress(ValueError, AttributeError):
        loaded = json.loads(text, object_pairs_hook=_once)
        text = json.dumps(loaded["program"]) if isinstance(loaded.get("program"), dict) else text
    program = Program.from_json(text)
    if not any(program.values()):
        raise ValueError(f"the program must use a tool, got {program.to_json()}; values of 0 change nothing")
    return Program({tool: value for tool, value in program.items() if value})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises ValueError for a key that is there twice; Program names it."""
    if len(loaded := dict(pairs)) < len(pairs):
        raise ValueError("a key must be there once, got it twice")
    return loaded

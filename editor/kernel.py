"""Render, distance, leave-one-out."""

from collections.abc import Mapping
from dataclasses import dataclass

from iea.editor import reference as spec
from iea.editor.image import Image
from iea.editor.program import Program

distance = spec.distance
render = spec.render


@dataclass(frozen=True)
class LeaveOneOut:
    """Distances to a reference: of the original, of the edited picture, and with each tool left out."""

    before: float
    after: float
    without: dict[str, float]


def leave_one_out(
    original: Image, reference: Image, edits: Mapping[str, int], *, seed: int = 0
) -> LeaveOneOut:
    """Distances of `original`, of the edit, and of the edit less each of its tools, to `reference`."""
    program = Program(edits)

    def score(some: Program) -> float:
        return distance(render(original, some, seed=seed), reference)

    return LeaveOneOut(
        score(Program()), score(program), {name: score(program.without(name)) for name in program}
    )

"""A table of each channel (.cube, LUT_1D), exact for white balance alone."""

import numpy as np

from iea.editor import Program, render
from iea.editor.curves import balance_table
from iea.editor.tiles import Plan
from iea.recipe.agent.exports.cube import cube_text, look_up, read_cube
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.measure import measured
from iea.recipe.agent.exports.parts import POINTWISE, SPATIAL, of_kinds, without_kinds

LEVELS = 4 * 255 + 1
"""Entries: each of the 256 levels of a channel is one, so nothing is interpolated on 8-bit images."""


def write(program: Program, settings: Settings) -> Exported:
    """Return the table. A tone tool keeps the hue, so its result on a channel depends on the others: it needs 3D."""
    if others := without_kinds(program, ("balance", "spatial")):
        raise ValueError(
            f"a table of each channel must hold white balance alone, got {', '.join(others)}; use the format cube"
        )
    kept, lost = of_kinds(program, ("balance",)), without_kinds(program, POINTWISE)
    if not kept:
        raise ValueError(f"a table of each channel must hold a white balance, got {dict(program)}")
    entries = np.ascontiguousarray(np.broadcast_to(balance_table(Plan.of(kept).balance, LEVELS), (3, LEVELS)).T)
    text = cube_text(settings.name, f"LUT_1D_SIZE {LEVELS}", entries, kept)
    read = read_cube(text)
    errors = measured(
        "the tables against the editor",
        list(settings.photographs),
        ((render(image, kept), look_up(read, image)) for image in settings.photographs.values()),
    )
    return Exported(text, lost={name: SPATIAL for name in lost}, errors=errors)


FORMAT = Format("cube1d", ".cube", "table of each channel, exact, for white balance alone", write)

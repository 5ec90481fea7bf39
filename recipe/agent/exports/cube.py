"""A 3D color table (.cube) of the tools that depend on the color of a pixel alone."""

import numpy as np
from numpy.typing import NDArray

from iea.editor import Image, Program, render
from iea.editor.image import Plane
from iea.editor.sums import ROUND
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.measure import measured
from iea.recipe.agent.exports.parts import POINTWISE, SPATIAL, cube_of, of_kinds, without_kinds


def write(program: Program, settings: Settings) -> Exported:
    """Return the table; its error is that of linear interpolation between its entries."""
    kept, lost = of_kinds(program, POINTWISE), without_kinds(program, POINTWISE)
    if not kept:
        raise ValueError(f"a table must hold a tool of the kinds {', '.join(POINTWISE)}, got {dict(program)}")
    cube = cube_of(kept, settings.size)
    text = cube_text(settings.name, f"LUT_3D_SIZE {settings.size}", np.swapaxes(cube, 0, 2), kept)
    read = read_cube(text)
    errors = measured(
        f"the {settings.size}-entry table against the editor",
        list(settings.photographs),
        ((render(image, kept), look_up(read, image)) for image in settings.photographs.values()),
    )
    return Exported(text, lost={name: SPATIAL for name in lost}, errors=errors)


def cube_text(title: str, size: str, entries: Plane, program: Program) -> str:
    """Return the text of a table, the first axis of `entries` (..., 3) slowest.

    References
    ----------
    Adobe, Cube LUT Specification 1.0 (2013).
    """
    named = "".join(one if one.isalnum() or one in " -_." else "_" for one in title)
    head = [f"# {program.to_json()}", f'TITLE "{named}"', size, "DOMAIN_MIN 0 0 0", "DOMAIN_MAX 1 1 1"]
    rows = [f"{red:.6f} {green:.6f} {blue:.6f}" for red, green, blue in entries.reshape(-1, 3).tolist()]
    return "\n".join([*head, *rows, ""])


def read_cube(text: str) -> NDArray[np.float64]:
    """Read the entries of a 3D table: (size, size, size, 3), axes R, G, B; of a 1D table: (size, 3)."""
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    sizes = {words[0]: int(words[1]) for words in lines if words[0] in ("LUT_3D_SIZE", "LUT_1D_SIZE")}
    rows = np.array([words for words in lines if not words[0][0].isalpha()], float)
    if size := sizes.get("LUT_3D_SIZE"):
        return np.swapaxes(rows.reshape(size, size, size, 3), 0, 2)
    return rows


def look_up(table: NDArray[np.float64], image: Image) -> Image:
    """Apply a table of [0, 1] to an 8-bit image, linearly interpolated."""
    x = image / 255
    if table.ndim == 2:
        grid = np.linspace(0, 1, len(table))
        y = np.stack([np.interp(x[..., channel], grid, table[:, channel]) for channel in range(3)], axis=-1)
    else:
        from scipy.interpolate import RegularGridInterpolator

        y = RegularGridInterpolator((np.linspace(0, 1, len(table)),) * 3, table)(x)
    looked_up: Image = np.floor(np.clip(y, 0, 1) * 255 + ROUND).astype(np.uint8)
    return looked_up


FORMAT = Format("cube", ".cube", "3D color table for editors of photographs and films", write)

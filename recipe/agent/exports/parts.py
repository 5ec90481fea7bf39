"""Divide a program into the parts that a format can hold: curves, colors, and tools that need the surroundings of a pixel."""

from collections.abc import Collection

import numpy as np

from iea.editor import TOOLS, Image, Program, render
from iea.editor.image import Plane

CURVES = ("balance", "curve")
POINTWISE = (*CURVES, "color")
SPATIAL = "it depends on the place or the surroundings of a pixel, a table on its color alone"


def of_kinds(program: Program, kinds: Collection[str]) -> Program:
    """Return the tools of some kinds, without those at 0.

    >>> of_kinds(Program({"exposure": 20, "tint": -5, "grain": 0}), CURVES)
    Program({'exposure': 20, 'tint': -5})
    """
    return Program({name: value for name, value in program.items() if value and TOOLS[name].kind in kinds})


def without_kinds(program: Program, kinds: Collection[str]) -> Program:
    """Return the other tools, without those at 0."""
    return Program({name: value for name, value in program.items() if value and TOOLS[name].kind not in kinds})


def application_order(program: Program) -> list[str]:
    """Return the tools that are not at 0 in the order in which the editor applies them.

    >>> application_order(Program({"exposure": 20, "tint": -5, "saturation": 10, "shadows": 5}))
    ['tint', 'exposure', 'saturation', 'shadows']
    """
    kinds = (*POINTWISE, "spatial")
    return sorted((name for name in program if program[name]), key=lambda name: kinds.index(TOOLS[name].kind))


def cube_of(program: Program, size: int) -> Plane:
    """Return the results of a program on a grid of colors: (size, size, size, 3) in [0, 1], axes R, G, B.

    Raises
    ------
    ValueError : the program has tools of other kinds than POINTWISE
    """
    if others := without_kinds(program, POINTWISE):
        raise ValueError(f"a table must hold tools of the kinds {', '.join(POINTWISE)}, got {', '.join(others)}")
    levels = np.round(np.linspace(0, 65535, size)).astype(np.uint16)
    grid: Image = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    cube: Plane = render(grid.reshape(size, -1, 3), program).reshape(grid.shape) / 65535
    return cube

"""Vignette: darker or lighter corners."""

from functools import lru_cache

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

DARKEST = 0.85  # share of a corner's value taken at -100
LIGHTEST = 0.55  # share added at +100


def falloff(view: View) -> Plane:
    """Return (r^2 + r^4) / 2, with r the distance from the center: 0 there, 1 in the corners."""
    rows, columns = view.luma.shape
    return _falloff((view.top, rows, view.height), (view.left, columns, view.width), view.luma.dtype.char)


@lru_cache(maxsize=1)  # the programs of one tile are consecutive
def _falloff(down: tuple[int, int, int], across: tuple[int, int, int], dtype: str) -> Plane:
    square = _square_from_center(*down).astype(dtype)[:, None] + _square_from_center(*across).astype(dtype)
    plane: Plane = square * (0.5 + 0.5 * square)
    plane.setflags(write=False)
    return plane


def _square_from_center(start: int, count: int, size: int) -> Plane:
    """Return half the squared distances of pixel centers from the image's center, with its edges at 1."""
    position: Plane = (2 * np.arange(start, start + count) + 1) / size - 1
    return position * position / 2


TOOL = Tool(
    name="vignette",
    low=-100,
    high=100,
    minus="darker corners",
    plus="lighter corners",
    kind="spatial",
    stage=150,
    reference="multiplicative vignette of darktable and RawTherapee, power fall-off",
    layer=Layer("scale", falloff, lambda amount: amount * (LIGHTEST if amount > 0 else DARKEST)),
)

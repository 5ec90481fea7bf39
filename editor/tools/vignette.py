"""Vignette: darker or lighter corners."""

import numpy as np
from numpy.typing import DTypeLike

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

DARKEST = 0.85  # share of a corner's value taken at -100
LIGHTEST = 0.7  # share added at +100


def falloff(view: View) -> Plane:
    """0 at the centre, 1 in the corners: r^3 of the distance from the centre in half-sides, over sqrt 2."""
    rows, columns = view.luma.shape
    down = _square_from_centre(view.top, rows, view.height, view.luma.dtype)
    across = _square_from_centre(view.left, columns, view.width, view.luma.dtype)
    square: Plane = down[:, None] + across
    plane: Plane = square * np.sqrt(square)
    return plane


def _square_from_centre(start: int, count: int, size: int, dtype: DTypeLike) -> Plane:
    """Half the squared distances of pixel centres from the picture's centre, its edges being at 1."""
    position = (2 * np.arange(start, start + count) + 1) / size - 1
    return (position**2 / 2).astype(dtype)


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

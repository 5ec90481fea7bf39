"""Vignette: darker or lighter corners."""

import numpy as np
from numpy.typing import NDArray

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

DARKEST = 0.85  # share of a corner's value taken at -100
LIGHTEST = 0.7  # share added at +100


def falloff(view: View) -> Plane:
    """0 at the centre, 1 in the corners: r^3 of the distance from the centre in half-sides, over sqrt 2."""
    rows = np.arange(view.top, view.top + view.luma.shape[0])
    across = _from_centre(np.arange(view.width), view.width)
    down = _from_centre(rows, view.height)
    square = ((down**2)[:, None] + across**2) / 2
    plane: Plane = (square * np.sqrt(square)).astype(view.luma.dtype)
    return plane


def _from_centre(index: NDArray[np.int_], size: int) -> Plane:
    """Pixel centres as -1..1 across the picture's outer edges."""
    return np.asarray((2 * index + 1) / size - 1)


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

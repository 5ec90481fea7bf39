"""Vignette: darker or lighter corners."""

from functools import lru_cache

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

DARKEST = 0.85  # share of a corner's value taken at -100
LIGHTEST = 2.6  # gain of a black corner at +100, less one


def falloff(view: View) -> Plane:
    """Return (r^2 + r^4) / 2, with r the distance from the center: 0 there, 1 in the corners."""
    rows, columns = view.luma.shape
    return _falloff((view.top, rows, view.height), (view.left, columns, view.width), view.luma.dtype.char)


def lighten(view: View) -> Plane:
    """Weigh the fall-off by (1 - high)^2, so that no corner is cut off; the slope is at least 1 - LIGHTEST / 3."""
    weighted: Plane = falloff(view) * np.square(1 - view.high)
    return weighted


@lru_cache(maxsize=8)  # the programs of one tile are consecutive; one tile per thread
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
    use="the eye should be led to the middle (-20 to -50), or a lens darkened the corners (20 to 40)",
    kind="spatial",
    stage=150,
    reference="multiplicative vignette of darktable and RawTherapee, power fall-off; above 0 less towards white (ours)",
    layer=Layer("scale", lighten, LIGHTEST),
    below=Layer("scale", falloff, DARKEST),
)

"""Highlights: the light tones below white."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.1  # largest move at +-100, at 3/4 of the scale


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount x^3 (1 - x) 256/27: black and white stay; slope between 0.05 and 1.95."""
    return x + (STRENGTH * amount * 256 / 27) * (x**3 * (1 - x))


TOOL = Tool(
    name="highlights",
    low=-100,
    high=100,
    minus="darker highlights",
    plus="brighter highlights",
    kind="curve",
    stage=50,
    reference="highlight mask of GPUImage as a one-channel polynomial (our choice: monotone, ends fixed)",
    curve=curve,
)

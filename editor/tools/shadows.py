"""Shadows: the dark tones above black."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.1  # largest move at +-100, at 1/4 of the scale


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount x (1 - x)^3 256/27: black and white stay; slope between 0.05 and 1.95."""
    return x + (STRENGTH * amount * 256 / 27) * (x * (1 - x) ** 3)


TOOL = Tool(
    name="shadows",
    low=-100,
    high=100,
    minus="darker shadows",
    plus="lighter shadows",
    kind="curve",
    stage=60,
    reference="shadow mask of GPUImage as a one-channel polynomial (our choice: monotone, ends fixed)",
    curve=curve,
)

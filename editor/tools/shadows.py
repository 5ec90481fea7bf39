"""Shadows: the dark tones above black."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.13  # largest move at +-100, at 1/3 of the scale


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount x (1 - x)^2 27/4: black and white stay, the slope stays above 0.1."""
    return x + (STRENGTH * amount * 6.75) * (x * (1 - x) ** 2)


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

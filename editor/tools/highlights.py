"""Highlights: the light tones below white."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.13  # largest move at +-100, at 2/3 of the scale


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount x^2 (1 - x) 27/4: black and white stay, the slope stays above 0.1."""
    return x + (STRENGTH * amount * 6.75) * (x * x * (1 - x))


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

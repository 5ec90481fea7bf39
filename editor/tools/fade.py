"""Fade: the washed-out look of an old print."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

BLACK = 0.27  # where black lies at 100
WHITE = 0.95  # where white lies at 100


def curve(x: Plane, amount: float) -> Plane:
    """Map the scale linearly onto [BLACK, WHITE]."""
    low, high = BLACK * amount, 1 + (WHITE - 1) * amount
    return low + (high - low) * x


TOOL = Tool(
    name="fade",
    low=0,
    high=100,
    minus="",
    plus="washed out, lifted blacks and muted whites",
    kind="curve",
    stage=110,
    reference="output levels (lifted black, lowered white) as in GPUImage's levels filter",
    curve=curve,
)

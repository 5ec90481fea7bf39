"""Fade: the matte look of an old print: black is lifted, white is slightly muted, mid-tones stay."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

BLACK = 0.32  # where black lies at 100
WHITE = 0.94  # where white lies at 100


def curve(x: Plane, amount: float) -> Plane:
    """(x^3 + b^3)^(1/3), a toe that ends at b = BLACK amount, scaled so that white lies at WHITE."""
    toe, white = (BLACK * amount) ** 3, 1 + (WHITE - 1) * amount
    faded: Plane = (white / (1 + toe) ** (1 / 3)) * (x**3 + toe) ** (1 / 3)
    return faded


TOOL = Tool(
    name="fade",
    low=0,
    high=100,
    minus="",
    plus="washed out, lifted blacks and muted whites",
    use="a matte, faded print is wanted (30 to 60); it adds a veil and cannot take one away",
    kind="curve",
    stage=110,
    reference="toe of a matte print as a p-norm of the tone and the lifted black (ours)",
    curve=curve,
)

"""Tint: from magenta to green."""

import numpy as np

from iea.editor.color import balance
from iea.editor.image import Plane
from iea.editor.tool import Tool

GREEN = np.array([[-0.52], [0.0], [-0.52]])  # logarithms of the gains of R, G, B at +100, up to a common gain


def curve(x: Plane, amount: float) -> Plane:
    """Multiply the channels by gains along GREEN, in linear light, up to a late knee."""
    return balance(x, GREEN, amount)


TOOL = Tool(
    name="tint",
    low=-100,
    high=100,
    minus="more magenta",
    plus="greener",
    use="tube light is too green (-20 to -60), skin or sky too pink (20 to 40); the sign is the reverse of Adobe's",
    kind="balance",
    stage=30,
    reference="von Kries gains in linear light, normalized by luminance; a late shoulder keeps white (ours)",
    curve=curve,
)

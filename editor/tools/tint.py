"""Tint: from magenta to green."""

import numpy as np

from iea.editor.color import bias, linear_to_srgb, srgb_to_linear
from iea.editor.image import Plane
from iea.editor.tool import Tool

GREEN = np.array([[0.58], [1.185], [0.58]])  # gains of R, G, B in the shadows at +100
MAGENTA = np.array([[1.55], [0.80], [1.55]])  # at -100


def curve(x: Plane, amount: float) -> Plane:
    """Give each channel its gain in linear light, fading to 1 at white, so a clipped sky keeps no cast.

    The gains are chosen so that the luminance of a grey of any lightness moves by less than 3 %.
    """
    gains = (GREEN if amount > 0 else MAGENTA) ** abs(amount)
    return linear_to_srgb(bias(srgb_to_linear(x), gains))


TOOL = Tool(
    name="tint",
    low=-100,
    high=100,
    minus="more magenta",
    plus="greener",
    kind="curve",
    stage=30,
    reference="linear-light channel gains normalised by luminance, after Hu et al. (2018) Exposure; bias ours",
    curve=curve,
)

"""Temperature: from blue, cooler light to orange, warmer light."""

import numpy as np

from iea.editor.color import bias, linear_to_srgb, srgb_to_linear
from iea.editor.image import Plane
from iea.editor.tool import Tool

WARM = np.array([[1.65], [0.89], [0.42]])  # gains of R, G, B in the shadows at +100
COOL = np.array([[0.58], [1.06], [1.90]])  # at -100


def curve(x: Plane, amount: float) -> Plane:
    """Give each channel its gain in linear light, fading to 1 at white, so a clipped sky keeps no cast.

    The gains are chosen so that the luminance of a grey of any lightness moves by less than 3 %.
    """
    gains = (WARM if amount > 0 else COOL) ** abs(amount)
    return linear_to_srgb(bias(srgb_to_linear(x), gains))


TOOL = Tool(
    name="temperature",
    low=-100,
    high=100,
    minus="cooler, bluer colours",
    plus="warmer, more orange colours",
    kind="curve",
    stage=20,
    reference="linear-light channel gains normalised by luminance, after Hu et al. (2018) Exposure; bias ours",
    curve=curve,
)

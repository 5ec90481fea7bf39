"""Temperature: from blue, cooler light to orange, warmer light."""

import numpy as np

from iea.editor.color import balance
from iea.editor.image import Plane
from iea.editor.tool import Tool

WARM = np.array([[1.65], [0.89], [0.42]])  # gains of R, G, B in the shadows at +100
COOL = np.array([[0.58], [1.06], [1.90]])  # at -100


def curve(x: Plane, amount: float) -> Plane:
    """Balance the channels. The luminance of a gray of any lightness changes by less than 3 %."""
    return balance(x, (WARM if amount > 0 else COOL) ** abs(amount))


TOOL = Tool(
    name="temperature",
    low=-100,
    high=100,
    minus="cooler, bluer colours",
    plus="warmer, more orange colours",
    kind="curve",
    stage=20,
    reference="linear-light channel gains normalized by luminance, after Hu et al. (2018) Exposure; bias ours",
    curve=curve,
)

"""Tint: from magenta to green."""

import numpy as np

from iea.editor.color import balance
from iea.editor.image import Plane
from iea.editor.tool import Tool

GREEN = np.array([[0.58], [1.185], [0.58]])  # gains of R, G, B in the shadows at +100
MAGENTA = np.array([[1.55], [0.80], [1.55]])  # at -100


def curve(x: Plane, amount: float) -> Plane:
    """Balance the channels. The luminance of a gray of any lightness changes by less than 3 %."""
    return balance(x, (GREEN if amount > 0 else MAGENTA) ** abs(amount))


TOOL = Tool(
    name="tint",
    low=-100,
    high=100,
    minus="more magenta",
    plus="greener",
    kind="curve",
    stage=30,
    reference="linear-light channel gains normalized by luminance, after Hu et al. (2018) Exposure; bias ours",
    curve=curve,
)

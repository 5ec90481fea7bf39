"""Blacks: the darkest tones and black itself."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.16  # how far black itself moves at +-100


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount (1 - x)^5, cut off at 0; slope between 0.2 and 1.8."""
    return np.maximum(x + STRENGTH * amount * (1 - x) ** 5, 0)


TOOL = Tool(
    name="blacks",
    low=-100,
    high=100,
    minus="deeper blacks",
    plus="lighter blacks",
    kind="curve",
    stage=80,
    reference="black level of RapidRAW with a fifth-power mask (our choice: mid-tones stay)",
    curve=curve,
)

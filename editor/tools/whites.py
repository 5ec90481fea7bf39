"""Whites: the lightest tones and white itself."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

STRENGTH = 0.2  # how far white itself moves at +-100


def curve(x: Plane, amount: float) -> Plane:
    """x + STRENGTH amount x^4, cut off at 1; slope between 0.2 and 1.8."""
    return np.minimum(x + STRENGTH * amount * x**4, 1)


TOOL = Tool(
    name="whites",
    low=-100,
    high=100,
    minus="duller whites",
    plus="brighter whites",
    kind="curve",
    stage=70,
    reference="white level of RapidRAW with a fourth-power mask (our choice: mid-tones stay)",
    curve=curve,
)

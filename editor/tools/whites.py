"""Whites: the lightest tones and white itself."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

LIFTED, DULLED = 0.4, 0.3  # how far white itself would move at +100, and moves at -100


def curve(x: Plane, amount: float) -> Plane:
    """x + strength amount x^3, cut off at 1; slope between 0.1 and 2.2."""
    strength = LIFTED if amount > 0 else DULLED
    return np.minimum(x + strength * amount * x**3, 1)


TOOL = Tool(
    name="whites",
    low=-100,
    high=100,
    minus="duller whites",
    plus="brighter whites",
    use="the lightest tones should be clean white (20 to 60) or glare less (-30); white itself moves by 38 levels at -50",
    kind="curve",
    stage=70,
    reference="white level of RapidRAW with a third-power mask (our choice: mid-tones stay)",
    curve=curve,
)

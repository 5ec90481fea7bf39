"""Blacks: the darkest tones and black itself."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

LIFTED, DEEPENED = 0.22, 0.28  # how far black itself moves at +100, and would move at -100


def curve(x: Plane, amount: float) -> Plane:
    """x + strength amount (1 - x)^4, cut off at 0; slope between 0.12 and 2.12."""
    strength = LIFTED if amount > 0 else DEEPENED
    return np.maximum(x + strength * amount * (1 - x) ** 4, 0)


TOOL = Tool(
    name="blacks",
    low=-100,
    high=100,
    minus="deeper blacks",
    plus="lighter blacks",
    use="the darkest tones should be truly black, also under a veil (-20 to -60), or are blocked (30); black itself moves by 28 levels at 50",
    kind="curve",
    stage=80,
    reference="black level of RapidRAW with a fourth-power mask (our choice: mid-tones stay)",
    curve=curve,
)

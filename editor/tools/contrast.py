"""Contrast: the scale stretched away from mid-gray or compressed towards it; black and white stay."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

STEEPEST = 1.75  # slope at mid-gray at +100
FLATTEST = 0.5  # slope at mid-gray at -100
# How late the scale bends towards black and white, above and below 0: 1 = at once, infinity = clipping.
LATE, EARLY = 2.5, 2


def curve(x: Plane, amount: float) -> Plane:
    """Bend the scale about mid-gray.

    With t = 2 x - 1, slope k and p = LATE or EARLY: t' = k t / (1 + (k^p - 1) |t|^p)^(1/p).
    """
    t = 2 * x - 1
    slope, power = (STEEPEST**amount, LATE) if amount > 0 else (FLATTEST**-amount, EARLY)
    curved: Plane = 0.5 + 0.5 * slope * t / (1 + (slope**power - 1) * np.abs(t) ** power) ** (1 / power)
    return np.clip(curved, 0, 1)


TOOL = Tool(
    name="contrast",
    low=-100,
    high=100,
    minus="less contrast, black and white unchanged",
    plus="more contrast from black to white",
    use="the photo is flat or hazy (20 to 50) or harsh (-20 to -50)",
    kind="curve",
    stage=90,
    reference="affine contrast about 1/2 of GPUImage and GEGL, ends bent by a p-norm instead of clipped (ours)",
    curve=curve,
)

"""Contrast: the whole scale stretched away from mid-gray, or compressed towards it."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Tool

STEEPEST = 1.6  # slope at mid-gray at +100
FLATTEST = 0.65  # slope everywhere at -100
KNEE = 4  # how late the stretched scale bends towards black and white: 1 = at once, infinity = clipping


def curve(x: Plane, amount: float) -> Plane:
    """A straight line through mid-gray; when steeper than 1 its ends bend so that black and white stay.

    With t = 2 x - 1 and slope k > 1: t' = k t / (1 + (k^p - 1) |t|^p)^(1/p), p = KNEE.
    """
    t = 2 * x - 1
    slope = (STEEPEST if amount > 0 else 1 / FLATTEST) ** amount
    bend = max(slope, 1) ** KNEE - 1
    curved: Plane = 0.5 + 0.5 * slope * t / (1 + bend * np.abs(t) ** KNEE) ** (1 / KNEE)
    return curved


TOOL = Tool(
    name="contrast",
    low=-100,
    high=100,
    minus="less contrast, everything closer to mid-grey",
    plus="more contrast from black to white",
    kind="curve",
    stage=90,
    reference="affine contrast about 1/2 of GPUImage and GEGL, ends bent by a p-norm instead of clipped (ours)",
    curve=curve,
)

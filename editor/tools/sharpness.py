"""Sharpness: fine detail of the luminance, strengthened, or detail and color edges smoothed away."""

import numpy as np

from iea.editor.blur import LEAST_SIDE, Steps, blur, reach, steps_of
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

SHARPEST = 3.0  # share of the detail added at +100
SOFTEST = 1.0  # share taken at -100: all of it
RADIUS, SOFT_RADIUS = 0.0035, 0.007  # standard deviation of the blur above and below 0, in shorter sides
HALO = 0.072  # the most that sharpening adds to a pixel, which limits halos at strong edges


def fine(height: int, width: int) -> Steps:
    """Return the blur that leaves the detail to sharpen, for an image of this size."""
    return steps_of((RADIUS * max(min(height, width), LEAST_SIDE)) ** 2)


def soft(height: int, width: int) -> Steps:
    """Return the blur of softened images of this size."""
    return steps_of((SOFT_RADIUS * min(height, width)) ** 2)


def detail(view: View) -> Plane:
    """Return the luma minus its blur."""
    cascade = fine(view.height, view.width)
    return view.luma - blur(view.luma_around(reach(cascade)), cascade)


def all_detail(view: View) -> Plane:
    """Return the pixels minus their blur, (3, R, C)."""
    cascade = soft(view.height, view.width)
    margin = reach(cascade)
    wide = view.rgb_around(margin)
    inner = slice(margin, wide.shape[1] - margin), slice(margin, wide.shape[2] - margin)
    return np.stack([plane[inner] - blur(plane, cascade) for plane in wide])


TOOL = Tool(
    name="sharpness",
    low=-100,
    high=100,
    minus="softer detail",
    plus="sharper detail",
    use="detail is slightly soft (20 to 50), or should be dreamy (-30 to -80); true blur stays blurred",
    kind="spatial",
    stage=140,
    reference="unsharp mask on lightness of darktable's sharpen, with a limit of halos as in RawTherapee",
    layer=Layer("add", detail, SHARPEST, lambda *size: reach(fine(*size)), HALO),
    below=Layer("add", all_detail, SOFTEST, lambda *size: reach(soft(*size))),
)

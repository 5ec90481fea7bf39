"""Sharpness: fine detail of the luminance, strengthened or smoothed away."""

from iea.editor.blur import blur, octave_of, reach, shifts_of
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

SHARPEST = 1.6  # share of the detail added at +100; at -100 all of it is removed
BASE_SIDE = 256  # px; the radius doubles with the short side: sigma 1 px below 512, 1.7 below 1024, 3.3, 6.6, ...


def shifts(height: int, width: int) -> tuple[int, ...]:
    """Return the blur for an image of this size: always 1, 1, 1, 1, and a coarser pair for every doubling."""
    return (1, 1, *shifts_of(1 + octave_of(min(height, width), BASE_SIDE)))


def detail(view: View) -> Plane:
    """Return the luma minus its blur."""
    cascade = shifts(view.height, view.width)
    return view.luma - blur(view.luma_around(reach(cascade)), cascade)


TOOL = Tool(
    name="sharpness",
    low=-100,
    high=100,
    minus="softer detail",
    plus="sharper detail",
    kind="spatial",
    stage=140,
    reference="unsharp mask on lightness of darktable's sharpen, with a cascade of two-pixel averages as blur",
    layer=Layer(
        "add",
        detail,
        lambda amount: amount * (SHARPEST if amount > 0 else 1.0),
        lambda height, width: reach(shifts(height, width)),
    ),
)

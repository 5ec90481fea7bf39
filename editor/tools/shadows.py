"""Shadows: dark areas, opened or closed; their fine contrast and dark details of light areas stay."""

import numpy as np

from iea.editor.color import smoothstep
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

OPENED = 2.2  # gain of black areas at +100, less one
CLOSED = 0.55  # share taken from black areas at -100
# Brightness of the surroundings up to which the tool acts fully, and from which it does not act.
DARK, LIGHT = 0.1, 0.65


def dark(view: View) -> Plane:
    """Return 1 in dark surroundings, 0 in light ones."""
    return 1 - smoothstep(view.around, DARK, LIGHT)


def open_up(view: View) -> Plane:
    """Weigh dark areas by (1 - high)^2, so that lights in them stay; the slope is at least 1 - OPENED / 3."""
    weighted: Plane = dark(view) * np.square(1 - view.high)
    return weighted


TOOL = Tool(
    name="shadows",
    low=-100,
    high=100,
    minus="darker shadows",
    plus="lighter shadows",
    use="dark areas or a backlit face should open (30 to 80; 50 is one to two stops there), or need depth (-20 to -50)",
    kind="spatial",
    stage=60,
    reference="gain masked by the brightness of the surroundings, as in RawTherapee's Shadows/Highlights; guided filter of He et al. (2010)",
    layer=Layer("scale", open_up, OPENED),
    below=Layer("scale", dark, CLOSED),
)

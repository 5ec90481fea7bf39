"""Vibrance: saturation of muted colors, sparing skin."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

STRONGEST = 2.7  # share by which the chroma of nearly gray pixels would grow at +100 without the limit of all gains; at -100 it is 0
SPARED = 0.9  # share of the effect withheld from the hue of skin
TINY = 1e-4  # keeps black from dividing by zero; far below one level


def mask(view: View) -> Plane:
    """(1 - saturation^2) (1 - SPARED skin), both in [0, 1].

    saturation = (max - min) / max. skin = 4 (R - G) (G - B) / (max - min)^2 where both differences are positive:
    1 at a hue of 30 degrees, 0 at 0 and 60 degrees and on all other hues.
    """
    red, green, blue = view.place
    skin = np.maximum(red - green, 0) * np.maximum(green - blue, 0)
    saturation = (view.high - view.low) / (view.high + TINY)
    weight: Plane = (1 - saturation * saturation) * (1 - (4 * SPARED) * skin)
    return weight


TOOL = Tool(
    name="vibrance",
    low=-100,
    high=100,
    minus="muted colours become greyer",
    plus="muted colours become richer, skin is spared",
    use="a photo should be livelier while faces stay natural (20 to 60)",
    kind="color",
    stage=120,
    reference="chroma gain falling with HSV saturation, damped about 30 degrees of hue, as in RapidRAW",
    layer=Layer("chroma", mask, STRONGEST),
    below=Layer("chroma", mask, 1.0),
)

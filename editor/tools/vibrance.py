"""Vibrance: saturation of muted colors, sparing skin."""

import numpy as np

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

STRONGEST = 1.5  # share by which the chroma of nearly gray pixels grows at +100; at -100 it is 0
SPARED = 0.7  # share of the effect withheld from the hue of skin
TINY = 1e-4  # keeps black and gray from dividing by zero; far below one level


def mask(view: View) -> Plane:
    """(1 - saturation) (1 - SPARED skin), both in [0, 1].

    saturation = (max - min) / max. skin = 4 u v / (u + v)^2 with u = R - G, v = G - B where both are positive:
    1 at a hue of 30 degrees, 0 at 0 and 60 degrees and on all other hues.
    """
    r, g, b = view.rgb
    high = np.maximum(np.maximum(r, g), b)
    low = np.minimum(np.minimum(r, g), b)
    square = (high - low) ** 2 + TINY  # (u + v)^2 where both are positive; elsewhere u v is 0
    skin = np.maximum(r - g, 0) * np.maximum(g - b, 0)
    kept: Plane = (low + TINY) * (square - (4 * SPARED) * skin) / ((high + TINY) * square)
    return kept


TOOL = Tool(
    name="vibrance",
    low=-100,
    high=100,
    minus="muted colours become greyer",
    plus="muted colours become richer, skin is spared",
    kind="color",
    stage=120,
    reference="chroma gain falling with HSV saturation, damped near 25 degrees of hue, as in RapidRAW",
    layer=Layer("chroma", mask, lambda amount: amount * (STRONGEST if amount > 0 else 1.0)),
)

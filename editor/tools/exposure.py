"""Exposure: as if more or less light had reached the sensor."""

from iea.editor.color import amplify, linear_to_srgb, srgb_to_linear
from iea.editor.image import Plane
from iea.editor.tool import Tool

STOPS = 2.0  # EV at +-100
KNEE = 0.5  # linear light above which a much brightened image rolls off towards white instead of clipping
LATER = 0.7  # the knee is gain^-LATER if that is higher: a small gain leaves most lights to white balance


def curve(x: Plane, amount: float) -> Plane:
    """Scale linear light by 2**(STOPS amount).

    Below the knee it is the plain gain. When brightening, values that the gain lifts above the knee, gain^-LATER but at
    least KNEE, are bent onto [knee, 1] with the same slope at the knee, so that white stays white and highlights are not clipped.
    """
    gain = 2.0 ** (STOPS * amount)
    light = srgb_to_linear(x)
    return linear_to_srgb(amplify(light, gain, max(KNEE, gain**-LATER)) if gain > 1 else gain * light)


TOOL = Tool(
    name="exposure",
    low=-100,
    high=100,
    minus="darker everywhere, as with less light",
    plus="brighter everywhere, as with more light",
    use="the whole photo is too dark or too bright; 50 is one stop: twice, at -50 half, the light",
    kind="curve",
    stage=10,
    reference="linear gain 2^EV of GEGL gegl:exposure; highlight roll-off as in RawTherapee, rational shoulder ours",
    curve=curve,
)

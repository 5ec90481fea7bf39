"""Highlights: light areas, brought back or brightened; white stays."""

from iea.editor.color import smoothstep
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

BRIGHTER = 0.9  # of light areas at +100, times the distance from white
DARKER = 0.4  # share taken from light areas at -100
DARK, LIGHT = 0.2, 0.65  # brightness of the surroundings from which the tool acts, and from which it acts fully


def light(view: View) -> Plane:
    """Return 1 in light surroundings, 0 in dark ones."""
    return smoothstep(view.around, DARK, LIGHT)


def brighten(view: View) -> Plane:
    """Weigh light areas by the distance of the largest channel from white."""
    return light(view) * (1 - view.high)


def recover(view: View) -> Plane:
    """Weigh light areas by 1 - luma^4: white stays, the tones below it gain contrast."""
    square = view.luma * view.luma
    return light(view) * (1 - square * square)


TOOL = Tool(
    name="highlights",
    low=-100,
    high=100,
    minus="darker highlights",
    plus="brighter highlights",
    use="a pale sky or bright skin needs drawing (-40 to -80), or light areas look gray (30 to 60)",
    kind="spatial",
    stage=50,
    reference="gain masked by the brightness of the surroundings, as in RawTherapee's Shadows/Highlights; guided filter of He et al. (2010)",
    layer=Layer("scale", brighten, BRIGHTER),
    below=Layer("scale", recover, DARKER),
)

"""Natural contrast: local contrast (clarity), the texture of stone, clouds and skin; large tones and strong edges stay."""

from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

CRISPER = 3.8  # share of the texture added at +100
SMOOTHER = 1.2  # share taken at -100: (0.5 + FLOOR) / 0.5, all texture of a mid-gray
# The largest change above and below 0, relative to the pixel, which limits halos and keeps dark detail.
CRISP_LIMIT, SMOOTH_LIMIT = 0.35, 0.6
FLOOR = 0.1  # of the brightness by which a change is divided: limits the noise of black areas


def relative(view: View) -> Plane:
    """Return the difference to the surroundings relative to them."""
    around = view.around
    return (view.own - around) / (around + FLOOR)


def texture(view: View) -> Plane:
    """Weigh the difference by 1 - high^2, so that white stays."""
    return relative(view) * (1 - view.high * view.high)


def roughness(view: View) -> Plane:
    """Weigh the difference by 1 - high^8: all of it may go, except at white."""
    return relative(view) * (1 - view.high**8)


TOOL = Tool(
    name="natural_contrast",
    low=-100,
    high=100,
    minus="smoother texture, less local contrast",
    plus="crisper texture, more local contrast",
    use="stone, clouds or fabric need punch (clarity, 20 to 60), or skin should be softer (-20 to -50); large tones stay",
    kind="spatial",
    stage=100,
    reference="unsharp mask of a large radius, with the guided filter of He et al. (2010) as blur",
    layer=Layer("scale", texture, CRISPER, limit=CRISP_LIMIT),
    below=Layer("scale", roughness, SMOOTHER, limit=SMOOTH_LIMIT),
)

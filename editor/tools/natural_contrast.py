"""Natural contrast: a gentle S in the mid-tones that leaves the darkest and lightest tones alone."""

from iea.editor.image import Plane
from iea.editor.tool import Tool

STEEPER = 0.7  # slope added at mid-gray at +100
FLATTER = 0.5  # slope taken from mid-gray at -100


def curve(x: Plane, amount: float) -> Plane:
    """x + k (x - 1/2) (4 x (1 - x))^3: slope 1 + k at mid-gray, at least 1 - 0.66 k elsewhere, 1 at the ends."""
    k = amount * (STEEPER if amount > 0 else FLATTER)
    return x + k * ((x - 0.5) * (4 * x * (1 - x)) ** 3)


TOOL = Tool(
    name="natural_contrast",
    low=-100,
    high=100,
    minus="flatter mid-tones",
    plus="crisper mid-tones",
    kind="curve",
    stage=100,
    reference="S-curve contrast of Hu et al. (2018) Exposure, as a polynomial kept to the mid-tones (ours)",
    curve=curve,
)

"""Brightness: lighter or darker mid-tones between a fixed black and a fixed white."""

from iea.editor.color import bias
from iea.editor.image import Plane
from iea.editor.tool import Tool

SLOPE = 2.4  # of the curve at black at +100, at white at -100


def curve(x: Plane, amount: float) -> Plane:
    """Bend the encoded values; mid-gray goes to 0.71 at +100 and to 0.29 at -100."""
    return bias(x, SLOPE**amount)


TOOL = Tool(
    name="brightness",
    low=-100,
    high=100,
    minus="darker mid-tones, black and white unchanged",
    plus="brighter mid-tones, black and white unchanged",
    use="mid-tones need a gentle change while black and white are right; 50 is about half a stop",
    kind="curve",
    stage=40,
    reference="gamma brightness of darktable's basic adjustments, with Schlick's (1994) bias for the power",
    curve=curve,
)

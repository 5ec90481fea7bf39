"""Temperature: from blue, cooler light to orange, warmer light."""

import numpy as np

from iea.editor.color import balance
from iea.editor.image import Plane
from iea.editor.tool import Tool

WARM = np.array(
    [[0.60], [0.0], [-0.85]]
)  # logarithms of the gains of R, G, B at +100, up to a common gain: daylight to 3100 K


def curve(x: Plane, amount: float) -> Plane:
    """Multiply the channels by gains along WARM, in linear light, up to a late knee."""
    return balance(x, WARM, amount)


TOOL = Tool(
    name="temperature",
    low=-100,
    high=100,
    minus="cooler, bluer colours",
    plus="warmer, more orange colours",
    use="lamp light is too orange (-50 to -100), shade or snow too blue (20 to 50); whites are balanced too",
    kind="balance",
    stage=20,
    reference="von Kries gains in linear light, normalized by luminance; a late shoulder keeps white (ours)",
    curve=curve,
)

"""Random orientations and colors of crops, so that a few photographs give many originals.

Ten photographs have the colors of ten scenes: a model that learns from them to tell the edit of a pair does not on an
eleventh. The varied originals look unnatural, which does not matter where the request or the edited image says what to do.
"""

import numpy as np
from numpy.typing import NDArray

from iea.data_prep.synthesize.crops import Crop, is_usable
from iea.data_prep.synthesize.draw_pair import Crops
from iea.editor import Image

MIX = 0.25  # standard deviation of the entries that the color matrix adds to the identity
GAMMA, CHANNEL_GAMMA = (
    0.35,
    0.15,
)  # standard deviations of the logarithms of the exponents, for all channels and for each
END = 0.12  # most that black is raised and white lowered, of 1


def varied_crops(draw: Crops, rng: np.random.Generator) -> Crops:
    """Return `draw` with a random variation of every crop; a varied crop that is not usable stays as it was."""

    def draw_varied(smallest: float) -> Image:
        crop = draw(smallest)
        changed = varied(crop, rng)
        return changed if is_usable(changed) else crop

    return draw_varied


def varied(crop: Image, rng: np.random.Generator) -> Crop:
    """Turn a square crop (H, H, 3) by a multiple of 90 degrees; permute, mix and bend its channels, and raise its ends."""
    turned = np.rot90(crop, int(rng.integers(4)))[..., rng.permutation(3)].astype(np.float32) / 255
    matrix = np.eye(3) + rng.normal(0, MIX, (3, 3))
    matrix /= matrix.sum(axis=1, keepdims=True)  # gray stays gray
    mixed: NDArray[np.float32] = np.clip(turned @ matrix.T.astype(np.float32), 0, 1)
    exponents = np.exp(rng.normal(0, GAMMA) + rng.normal(0, CHANNEL_GAMMA, 3)).astype(np.float32)
    black, white = rng.uniform(0, END), 1 - rng.uniform(0, END)
    bent = black + (white - black) * mixed**exponents
    return np.ascontiguousarray(np.rint(bent * 255).astype(np.uint8))

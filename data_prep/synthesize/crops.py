"""Random square crops, reduced with anti-aliasing, never enlarged."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iea.editor.color import LUMA

Crop = NDArray[np.uint8]

MIN_CONTRAST = 16.0  # standard deviation of luma, 0-255; less is a wall, a sky, a backdrop
MEAN_RANGE = (32.0, 224.0)  # mean luma, 0-255; outside, the whole crop is black or blown
MAX_CLIPPED = 0.5  # share of pixels with luma below 6 or above 249, which no tool moves
MAX_TRIES = 50
EDIT_CROP = 0.45  # smallest crop as a share of the short side
AUTO_CROP = 0.6  # the same without an instruction: a natural look shows in a scene, not in a single petal


def is_usable(crop: Crop) -> bool:
    """Return False if `crop` (H, W, 3) is flat, nearly black, or blown by the thresholds above."""
    luma = crop.astype(np.float32) @ np.array(LUMA, dtype=np.float32)
    clipped = float(np.mean((luma < 6) | (luma > 249)))
    return bool(luma.std() >= MIN_CONTRAST and MEAN_RANGE[0] <= luma.mean() <= MEAN_RANGE[1] and clipped <= MAX_CLIPPED)


def random_crop(photo: Image.Image, size: int, smallest: float, rng: np.random.Generator) -> Crop:
    """Return a random square of `smallest`..1 of the short side, mirrored half the time, as (size, size, 3).

    Parameters
    ----------
    photo : RGB, sides at least `size`
    smallest : smallest side as a share of the short side, in (0, 1]; never below `size` pixels
    """
    side = max(size, round(min(photo.size) * float(rng.uniform(smallest, 1.0))))
    left, top = (int(rng.integers(length - side + 1)) for length in photo.size)
    # Pillow's LANCZOS widens with the ratio, so it low-passes before it samples
    square = photo.resize((size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
    crop: Crop = np.array(square)
    return np.ascontiguousarray(crop[:, ::-1]) if rng.random() < 0.5 else crop


def usable_crop(photo: Image.Image, size: int, smallest: float, rng: np.random.Generator) -> Crop | None:
    """Return the first usable of at most `MAX_TRIES` random crops; None if there is none."""
    crops = (random_crop(photo, size, smallest, rng) for _ in range(MAX_TRIES))
    return next(filter(is_usable, crops), None)

"""A rectangle of a picture at another size, low-passed before it is sampled, at 8 or 16 bits."""

from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from iea.editor import Image

Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom in pixels from the top left corner; need not lie on whole pixels."""


def whole(image: Image) -> Box:
    """The box that is all of a picture."""
    return 0.0, 0.0, float(image.shape[1]), float(image.shape[0])


def resample(image: Image, box: Box, size: tuple[int, int]) -> Image:
    """The pixels of `box` as a picture of `size`, (width, height); the very pixels where nothing is to be changed."""
    if box == whole(image) and size == (image.shape[1], image.shape[0]):
        return image
    if image.dtype == np.uint8:
        pixels: Image = np.asarray(_resized(PillowImage.fromarray(image), box, size))
        return pixels
    # Pillow holds no 16-bit colour: channel by channel, in floats
    planes = [np.asarray(_resized(PillowImage.fromarray(np.float32(image[..., c])), box, size)) for c in range(3)]
    deep: Image = np.rint(np.clip(np.stack(planes, axis=-1), 0, 65535)).astype(np.uint16)
    return deep


def _resized(picture: PillowImage.Image, box: Box, size: tuple[int, int]) -> PillowImage.Image:
    return picture.resize(size, PillowImage.Resampling.LANCZOS, box=box, reducing_gap=3.0)

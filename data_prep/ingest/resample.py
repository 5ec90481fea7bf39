"""Resample a rectangle of an image to another size, low-passed before it is sampled, at 8 or 16 bits."""

from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from iea.editor import Image

Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom in pixels from the top left corner; fractions of a pixel are allowed."""


def whole(image: Image) -> Box:
    """Return the box of the whole image."""
    return 0.0, 0.0, float(image.shape[1]), float(image.shape[0])


def resample(image: Image, box: Box, size: tuple[int, int]) -> Image:
    """Return the pixels of `box` as an image of `size`, (width, height); the image itself if both are its own."""
    if box == whole(image) and size == (image.shape[1], image.shape[0]):
        return image
    if image.dtype == np.uint8:
        pixels: Image = np.asarray(_resized(PillowImage.fromarray(image), box, size))
        return pixels
    # Pillow has no 16-bit color: channel by channel, in floats
    planes = [np.asarray(_resized(PillowImage.fromarray(np.float32(image[..., c])), box, size)) for c in range(3)]
    deep: Image = np.rint(np.clip(np.stack(planes, axis=-1), 0, 65535)).astype(np.uint16)
    return deep


def _resized(image: PillowImage.Image, box: Box, size: tuple[int, int]) -> PillowImage.Image:
    return image.resize(size, PillowImage.Resampling.LANCZOS, box=box, reducing_gap=3.0)

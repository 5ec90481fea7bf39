"""Make the benchmark's images: photographs bundled with scikit-image, scikit-learn and matplotlib, never enlarged."""

import io
from collections.abc import Mapping
from functools import cache

import cv2
import numpy as np
from PIL import Image as Pillow

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import Image, render
from iea.editor.io import read_image

JPEG_QUALITY = 95


@cache
def photographs() -> tuple[Image, ...]:
    """Read the everyday color photographs at full size, (H, W, 3) uint8, in the order of the source."""
    return tuple(read_image(path) for path in everyday_photographs().values())


def shrunk(image: Image, side: int) -> Image:
    """Reduce the longer side to at most `side` pixels by area means."""
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    size = round(image.shape[1] * scale), round(image.shape[0] * scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def pair(number: int, side: int, edits: Mapping[str, int]) -> tuple[Image, Image]:
    """Make an original and a reference like those of training.

    The reference is edited at full size, stored as JPEG and then reduced, like a retoucher's file: its levels are not a
    function of the original's, which would favor color tables.
    """
    original = photographs()[number % len(photographs())]
    stored = io.BytesIO()
    Pillow.fromarray(render(original, edits)).save(stored, "JPEG", quality=JPEG_QUALITY)
    edited = np.asarray(Pillow.open(stored))
    return shrunk(original, side), shrunk(edited, side)


def mosaic(height: int, width: int) -> Image:
    """Make a large image of the photographs side by side at full size, repeated in other reflections."""
    image = np.empty((height, width, 3), np.uint8)
    number = top = 0
    while top < height:
        left, row = 0, []
        while left < width:
            photo = photographs()[number % len(photographs())]
            flips = number // len(photographs()) % 4
            row.append(photo[:: -1 if flips & 1 else 1, :: -1 if flips & 2 else 1])
            left += photo.shape[1]
            number += 1
        rows = min(height - top, *(photo.shape[0] for photo in row))
        strip = np.concatenate([photo[:rows] for photo in row], axis=1)
        image[top : top + rows] = strip[:, :width]
        top += rows
    return image

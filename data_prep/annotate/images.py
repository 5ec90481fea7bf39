"""Images in the form that a teacher gets: reduced, 8 bits, and for an endpoint in a data URL."""

import base64
import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.editor.io import read_image, regular

JPEG_QUALITY = 90  # keeps the tone and color of areas; a fifth of the bytes of PNG


def reduced(path: Path, side: int) -> Image:
    """Read an image, reduced to at most `side` pixels per side, uint8 (H, W, 3).

    Raises
    ------
    RejectedError : "unreadable"
    """
    try:
        image = read_image(path)
    except (OSError, ValueError) as error:
        raise RejectedError("unreadable", str(error)) from error
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return to_8_bits(resample(image, whole(image), size))


def reduced_pair(original: Path, reference: Path, side: int) -> tuple[Image, Image]:
    """Read both images of a pair, which have the same shape.

    Raises
    ------
    RejectedError : "unreadable", "other_size" or "no_change"
    """
    before, after = reduced(original, side), reduced(reference, side)
    if before.shape != after.shape:
        sizes = " and ".join(f"{image.shape[1]}x{image.shape[0]}" for image in (before, after))
        raise RejectedError("other_size", f"{original} and {reference} must have the same size, got {sizes}")
    if np.array_equal(before, after):
        raise RejectedError("no_change", f"{original} and {reference} must differ, got equal images")
    return before, after


def data_url(path: Path, side: int) -> str:
    """Return the reduced image as a JPEG in base64; errors as of `reduced`."""
    buffer = io.BytesIO()
    PillowImage.fromarray(reduced(path, side)).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def digest_url(path: Path, side: int) -> str:
    """Return a digest of the file in place of data_url() for the cache, so that the JPEG encoder does not matter.

    Raises
    ------
    RejectedError : "unreadable"
    """
    try:
        digest = hashlib.sha256(regular(path).read_bytes()).hexdigest()
    except OSError as error:
        raise RejectedError("unreadable", str(error)) from error
    return f"sha256:{digest}/{side}"

"""Open an image file: its samples as stored, in blocks, and all that the file says of them."""

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image as PillowImage
from PIL import PngImagePlugin, UnidentifiedImageError

from iea.editor.errors import NamedError
from iea.editor.formats.embedded import embedded_profile
from iea.editor.formats.icc import Samples
from iea.editor.formats.metadata import PIXELS, boxes, tries, with_chunks

ORIENTATION = 0x0112  # EXIF and TIFF tag
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF", "JPEG2000", "PPM", "TIFF")
"""Read by Pillow. Its others are rare in photography or, as EPS, run programs."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
CONVERTED = {"1": "L", "P": "RGB", "PA": "RGBA", "YCbCr": "RGB"} | {
    mode: mode for mode in ("L", "LA", "RGB", "RGBA", "CMYK", "I;16")
}
"""Mode of a file -> mode of its samples. `transparency` turns L and RGB to LA and RGBA."""
CHANNELS = {"L": 1, "LA": 1, "I;16": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}
for _library in ("tifffile", "imagecodecs"):  # they log odd metadata, which does no harm
    logging.getLogger(_library).setLevel(logging.CRITICAL)
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY  # the profiles of printers are larger than its 1 MiB
MAX_PIXELS = 178_956_970
"""Images of more pixels are refused: Pillow's limit."""
FREE_PIXELS, PIXELS_PER_BYTE = 2**24, 2000
"""An image of more than 16 million pixels must have a byte in its file for 2000 of them. No photograph compresses so well."""

Block: TypeAlias = tuple[slice, slice]
"""Rows and columns."""
Reader: TypeAlias = Callable[[Block], Samples]


class PictureError(NamedError, ValueError):
    """A file that cannot be used as an image."""


@dataclass(frozen=True)
class Picture:
    """An image as its file stores it.

    height, width : pixels, before it is turned upright
    read : (block) -> (h, w, n) uint8 or uint16: color samples as in formats.icc, then alpha, not premultiplied, if n > channels
    channels : 1 = gray, 3 = RGB, 4 = CMYK
    profile : ICC, b"" without one
    orientation : EXIF, 1 to 8
    """

    height: int
    width: int
    read: Reader
    channels: int
    profile: bytes
    orientation: int


def open_picture(data: bytes) -> Picture:
    """Open the first image of a file.

    Raises
    ------
    PictureError : "unsupported_image" (mode, depth or layout), "decompression_bomb", "heic_needs_pillow_heif"
    UnidentifiedImageError : the file is of no known format
    Exception : any, of a library, for a broken file
    """
    page = 0
    if data[:4] in TIFF:
        from iea.editor.formats.tiff import open_tiff

        picture = open_tiff(data)
        if isinstance(picture, Picture):
            return picture
        page = picture
    failure: Exception | None = None
    for one in tries(data):
        try:
            return _open(one, page)
        except (PictureError, ImportError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - of a decoder, of any kind; the last is raised
            failure = error
    raise failure or AssertionError


def _open(data: bytes, page: int) -> Picture:
    opened = _pillow(data)
    if page:
        opened.seek(page)
    check_size(*opened.size, len(data))
    _check_kind(opened, data)
    try:
        profile = embedded_profile(opened.info, data, str(opened.format))
    except ValueError as error:
        raise PictureError("unsupported_image", str(error)) from error
    if opened.format == "PNG" and data[24] == 16:  # the depth, in the header chunk; Pillow has 8 bits in color
        samples = _deep_png(data)
        channels = 3 if samples.shape[2] > 2 else 1
        read: Reader = samples.__getitem__
    else:
        if opened.format == "PNG" and opened.mode == "L" and "transparency" in opened.info:
            top = 2 ** data[24] - 1  # Pillow scales levels of 2 and 4 bits to 8, but not this one
            opened.info["transparency"] = (opened.info["transparency"] & top) * 255 // top
        opened.load()
        channels, read = _pillow_reader(opened)
    return Picture(opened.height, opened.width, read, channels, profile, _orientation(opened))


def _deep_png(data: bytes) -> Samples:
    import imagecodecs

    samples: Samples = imagecodecs.png_decode(with_chunks(data, PIXELS))
    return samples if samples.ndim == 3 else samples[..., None]


def check_size(width: int, height: int, file_bytes: int) -> None:
    """Check the size that a file claims, before it is decoded.

    Raises
    ------
    PictureError : "broken_image": a side of 0; "decompression_bomb": more than MAX_PIXELS, or more than the file can hold
    """
    if min(width, height) < 1:
        raise PictureError("broken_image", f"an image must be at least 1 pixel wide and high; got {width} x {height}")
    pixels = width * height
    if pixels > MAX_PIXELS or pixels > max(FREE_PIXELS, PIXELS_PER_BYTE * file_bytes):
        raise PictureError(
            "decompression_bomb",
            f"an image must have at most {MAX_PIXELS} pixels, and above {FREE_PIXELS} at most {PIXELS_PER_BYTE} for "
            f"each byte of its file; got {width} x {height} in {file_bytes} bytes; reduce it first",
        )


def _pillow_reader(opened: PillowImage.Image) -> tuple[int, Reader]:
    """Return the number of color samples, and read blocks in a mode that we know."""
    mode = CONVERTED[opened.mode]
    if "transparency" in opened.info:
        mode = {"L": "LA", "RGB": "RGBA"}.get(mode, mode)

    def read(block: Block) -> Samples:
        rows, columns = block
        box = columns.start, rows.start, columns.stop, rows.stop
        part = opened if box == (0, 0, *opened.size) else opened.crop(box)
        samples = np.asarray(part if part.mode == mode else part.convert(mode))
        return samples if samples.ndim == 3 else samples[..., None]

    return CHANNELS[mode], read


def _pillow(data: bytes) -> PillowImage.Image:
    """Open a file with Pillow, HEIC with its plug-in; its pixels are not yet decoded."""
    try:
        return PillowImage.open(io.BytesIO(data), formats=FORMATS)
    except PillowImage.DecompressionBombError as error:
        raise PictureError("decompression_bomb", str(error)) from error
    except UnidentifiedImageError as error:
        if data[:4] in TIFF:
            raise PictureError("unsupported_image", "a TIFF of a rare compression; convert it first") from error
        if data[4:8] != b"ftyp":
            raise
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError("heic_needs_pillow_heif", "a HEIC file needs pip install pillow-heif") from error
    pillow_heif.register_heif_opener()
    return PillowImage.open(io.BytesIO(data), formats=("HEIF",))


def _check_kind(opened: PillowImage.Image, data: bytes) -> None:
    """Raise PictureError for samples that would not be read as they are meant."""
    if opened.mode not in CONVERTED:
        raise PictureError(
            "unsupported_image", f"pixels must be 8- or 16-bit gray, RGB or CMYK, got mode {opened.mode}"
        )
    if opened.format == "JPEG2000":
        stream = (
            data if data.startswith(b"\xff\x4f") else next((box for name, box in boxes(data) if name == b"jp2c"), b"")
        )
        count = int.from_bytes(stream[40:42], "big")  # of components; each has three bytes in the first segment
        if set(stream[42 : 42 + 3 * count : 3]) != {7}:  # bits - 1; the highest bit is the sign
            raise PictureError("unsupported_image", "JPEG 2000 must have 8 unsigned bits; convert it to TIFF or PNG")


def _orientation(opened: PillowImage.Image) -> int:
    try:
        return known_orientation(opened.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - Pillow's, of malformed EXIF of any kind: the image is as good without
        return 1


def known_orientation(value: Any) -> int:
    """Return an EXIF orientation of 1 to 8; any other value counts as 1, upright."""
    return int(value) if value in range(1, 9) else 1

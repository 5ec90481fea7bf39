"""Open a picture file: its samples as stored, in blocks, and all that the file says of them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from iea.editor.icc import Samples

ORIENTATION = 0x0112  # EXIF and TIFF tag
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF", "JPEG2000", "PPM", "TIFF")
"""Read by Pillow; others either are no photographs or, as EPS, run programs."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
CONVERTED = {"1": "L", "P": "RGB", "PA": "RGBA", "YCbCr": "RGB"} | {
    mode: mode for mode in ("L", "LA", "RGB", "RGBA", "CMYK", "I;16")
}
"""Mode of a file -> mode of its samples. `transparency` turns L and RGB to LA and RGBA."""
CHANNELS = {"L": 1, "LA": 1, "I;16": 1, "RGB": 3, "RGBA": 3, "CMYK": 4}
MAX_PIXELS = 178_956_970
"""Pictures of more pixels are refused: Pillow's limit."""
FREE_PIXELS, PIXELS_PER_BYTE = 2**24, 2000
"""A picture of more than 16 million pixels must have a byte in the file for 2000 of them. No photograph compresses so well."""

Block: TypeAlias = tuple[slice, slice]
"""Rows and columns."""
Reader: TypeAlias = Callable[[Block], Samples]


class PictureError(ValueError):
    """A file that cannot be used as a picture; `reason` is a short name to count by."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A picture as its file stores it.

    height, width : pixels, before it is turned upright
    read : (block) -> (h, w, n) uint8 or uint16: color samples as in editor.icc, then alpha, not premultiplied, if n > channels
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
    """Open the first picture of a file.

    Raises
    ------
    PictureError : "not_an_image", "unsupported_image" (mode, depth or layout), "decompression_bomb", "heic_needs_pillow_heif"
    Exception : any, of a library, for a broken file
    """
    if data[:4] in TIFF:
        from iea.editor.tiff import open_tiff

        picture = open_tiff(data)
        if picture:
            return picture
    opened = _pillow(data)
    check_size(*opened.size, len(data))
    _check_kind(opened, data)
    mode = CONVERTED[opened.mode]
    if "transparency" in opened.info:
        mode = {"L": "LA", "RGB": "RGBA"}.get(mode, mode)
    if (
        opened.format == "PNG" and data[24] == 16
    ):  # the depth in the header chunk, always the first; Pillow has 8 in color
        import imagecodecs

        samples = imagecodecs.png_decode(data)
        samples = samples if samples.ndim == 3 else samples[..., None]
        read: Reader = samples.__getitem__
    else:
        opened.load()
        read = _pillow_reader(opened, mode)
    profile = opened.info.get("icc_profile")
    return Picture(
        height=opened.height,
        width=opened.width,
        read=read,
        channels=CHANNELS[mode],
        profile=profile if isinstance(profile, bytes) else b"",
        orientation=_orientation(opened),
    )


def check_size(width: int, height: int, file_bytes: int) -> None:
    """Check the size that a file claims, before it is decoded.

    Raises
    ------
    PictureError : "decompression_bomb": more than MAX_PIXELS, or more than the file can hold
    """
    pixels = width * height
    if pixels > MAX_PIXELS or pixels > max(FREE_PIXELS, PIXELS_PER_BYTE * file_bytes):
        raise PictureError(
            "decompression_bomb",
            f"a picture must have at most {MAX_PIXELS} pixels, and above {FREE_PIXELS} at most {PIXELS_PER_BYTE} for "
            f"each byte of its file; got {width} x {height} in {file_bytes} bytes; reduce it first",
        )


def _pillow_reader(opened: PillowImage.Image, mode: str) -> Reader:
    def read(block: Block) -> Samples:
        rows, columns = block
        part = opened.crop((columns.start, rows.start, columns.stop, rows.stop))
        samples = np.asarray(part if part.mode == mode else part.convert(mode))
        return samples if samples.ndim == 3 else samples[..., None]

    return read


def _pillow(data: bytes) -> PillowImage.Image:
    try:
        return PillowImage.open(io.BytesIO(data), formats=FORMATS)
    except PillowImage.DecompressionBombError as error:
        raise PictureError("decompression_bomb", str(error)) from error
    except UnidentifiedImageError as error:
        if data[4:8] != b"ftyp":
            raise PictureError("not_an_image", "unknown image format") from error
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError("heic_needs_pillow_heif", "a HEIC file needs pip install pillow-heif") from error
    pillow_heif.register_heif_opener()
    try:
        return PillowImage.open(io.BytesIO(data), formats=("HEIF",))
    except UnidentifiedImageError as error:
        raise PictureError("not_an_image", "a film, or a broken HEIC file") from error


def _check_kind(opened: PillowImage.Image, data: bytes) -> None:
    """Raise PictureError for samples that would not be read as they are meant."""
    if opened.mode not in CONVERTED:
        raise PictureError(
            "unsupported_image", f"pixels must be 8- or 16-bit gray, RGB or CMYK, got mode {opened.mode}"
        )
    if opened.format == "JPEG2000":
        depth = data[data.find(b"\xff\x4f\xff\x51") + 42]  # of the first component, in the codestream's first segment
        if depth != 7:  # bits - 1; the highest bit is the sign
            raise PictureError("unsupported_image", "JPEG 2000 must have 8 unsigned bits; convert it to TIFF or PNG")


def _orientation(opened: PillowImage.Image) -> int:
    try:
        return known_orientation(opened.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - Pillow's, of malformed EXIF of any kind: the picture is as good without
        return 1


def known_orientation(value: Any) -> int:
    """Return an EXIF orientation of 1 to 8; any other value is no turn."""
    return int(value) if value in range(1, 9) else 1

"""Open a TIFF of any layout: planes, strips or tiles, 1 to 16 bits, palette, inverted gray, CMYK, extra samples."""

import io
import struct
from math import ceil, prod
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from iea.editor.formats.icc import Samples
from iea.editor.formats.picture import ORIENTATION, Picture, PictureError, check_size, known_orientation
from iea.editor.image import white

INK_SET, EXTRA_SAMPLES = 332, 338  # tags
WIDTH, LENGTH, BITS, PHOTOMETRIC, PLANES = 256, 257, 258, 262, 284
DECISIVE = frozenset(
    {WIDTH, LENGTH, BITS, 259, PHOTOMETRIC, 266, 273, 277, 278, 279, PLANES, 317, 320, *range(322, 326), 338, 339, 347}
)
"""Tags without which the same data are another picture."""
PARTS = frozenset({273, 279, 324, 325})  # offsets and byte counts of strips or tiles
NOT_THE_IMAGE = 0b101  # bits of a page's NewSubfileType: a thumbnail, a mask
PREMULTIPLIED, ALPHA = 1, 2  # kinds of extra samples; others are ignored
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, SEPARATED, YCBCR = 0, 1, 2, 3, 5, 6
CHANNELS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, SEPARATED: 4, YCBCR: 3}
"""Photometric interpretation -> color samples of a pixel."""
OF_BYTES = frozenset({1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000})
"""Compressions of bytes: none, CCITT, LZW, deflate, PackBits, LZMA, Zstandard. JPEG and others hold images of their own size."""
FAX, JPEG = frozenset({2, 3, 4}), 7
MAX_SAMPLES = 8


def open_tiff(data: bytes) -> Picture | int:
    """Open the first page of a TIFF that is not a thumbnail or a mask, or else the first.

    Of YCbCr without JPEG and rare compressions, which Pillow decodes, by libtiff, return the number of the page.

    Raises
    ------
    PictureError : "unsupported_image", "decompression_bomb", or "broken_image" if strips or tiles are missing
    Exception : any, of tifffile, for a broken file
    """
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = next((page for page in file.pages if not page.subfiletype & NOT_THE_IMAGE), file.pages.first)
        _check_tags(page, file)
        _check(page, len(data))
        if _is_for_pillow(page):
            return int(page.index)
        if page.compression == JPEG:
            _check_frames(page, data)
        planes = page.asarray(maxworkers=1).reshape(page.shaped)[:, 0]  # (planes, H, W, samples of a plane)
        samples = planes[0] if len(planes) == 1 else np.moveaxis(planes[..., 0], 0, -1)
        return Picture(
            height=page.imagelength,
            width=page.imagewidth,
            read=lambda block: _read(page, samples[block]),
            channels=3 if page.photometric == PALETTE else CHANNELS[page.photometric],
            profile=page.iccprofile if isinstance(page.iccprofile, bytes) else b"",
            orientation=known_orientation(page.tags.valueof(ORIENTATION)),
        )


def _check_tags(page: Any, file: Any) -> None:
    """Raise PictureError unless the tags that decide on the pixels are there, and can be read."""
    needed = {WIDTH, LENGTH, PHOTOMETRIC}
    needed |= {BITS} if page.compression not in FAX else set()
    needed |= {EXTRA_SAMPLES} if page.samplesperpixel - CHANNELS.get(page.photometric, MAX_SAMPLES) > 1 else set()
    lost = (needed | DECISIVE & _written(page, file)) - {tag.code for tag in page.tags.values() if tag.count}
    if lost or page.planarconfig not in (1, 2) or page.fillorder not in (1, 2):
        raise PictureError(
            "broken_image", f"tags of the TIFF are missing or damaged: {sorted(lost) or 'storage of its samples'}"
        )


def _written(page: Any, file: Any) -> set[int]:
    """Return the codes of a page's tags; tifffile leaves out those that it cannot read."""
    stream, form = file.filehandle, file.tiff
    stream.seek(page.offset)
    count = struct.unpack(form.tagnoformat, stream.read(form.tagnosize))[0]
    entries = stream.read(count * form.tagsize)
    return {struct.unpack_from(f"{form.byteorder}H", entries, at)[0] for at in range(0, len(entries), form.tagsize)}


def _check_frames(page: Any, data: bytes) -> None:
    """Raise PictureError unless each JPEG is whole, and as large as its strip or tile; gray would fill a cut one."""
    tall, wide = page.chunks[:2]
    across = ceil(page.imagewidth / wide)
    for at, (start, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        part = data[start : start + count]
        try:
            columns, rows = PillowImage.open(io.BytesIO(part), formats=("JPEG",)).size
        except UnidentifiedImageError:
            columns = rows = 0
        shown = min(wide, page.imagewidth - at % across * wide), min(tall, page.imagelength - at // across * tall)
        if not (shown[0] <= columns <= wide and shown[1] <= rows <= tall and b"\xff\xd9" in part):
            raise PictureError(
                "broken_image", f"strip or tile {at} must hold a whole JPEG of {shown}, got {columns} x {rows}"
            )


def _is_for_pillow(page: Any) -> bool:
    return page.compression != JPEG and (page.photometric == YCBCR or page.compression not in OF_BYTES)


def _check(page: Any, file_bytes: int) -> None:
    """Raise PictureError unless the page has samples that we read, all of them in the file."""
    if not isinstance(page.imagewidth, int) or not isinstance(page.imagelength, int):  # several values: a tuple
        raise PictureError("broken_image", "the width and the height of a TIFF must be one integer each")
    check_size(page.imagewidth, page.imagelength, file_bytes)
    if page.is_tiled:
        check_size(page.tilewidth, page.tilelength, file_bytes)
    channels = CHANNELS.get(page.photometric, MAX_SAMPLES + 1)
    plain = page.bitspersample == 8 and page.samplesperpixel == channels and page.planarconfig == 1
    if (
        page.sampleformat not in (1, 4)  # unsigned, and undefined
        or page.bitspersample not in range(1, 17)
        or not channels <= page.samplesperpixel <= MAX_SAMPLES
        or page.imagedepth != 1
        or page.tiledepth not in (0, 1)
        or page.tags.valueof(INK_SET, 1) != 1
        or ((page.compression == JPEG or _is_for_pillow(page)) and not plain)
    ):
        raise PictureError(
            "unsupported_image",
            f"a TIFF must have 1 to 16 unsigned bits of gray, RGB, palette or CMYK, and at most {MAX_SAMPLES} samples a "
            "pixel; with YCbCr or JPEG, 8 bits without extra samples; got "
            f"{page.samplesperpixel} of {page.bitspersample} bits, sample format {page.sampleformat}, photometric "
            f"interpretation {page.photometric}, compression {page.compression}; convert it first",
        )
    ends = [start + count for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
    parts = {tag.count for tag in page.tags.values() if tag.code in PARTS}  # tifffile cuts longer lists
    if parts - {prod(page.chunked)} or len(ends) != prod(page.chunked):
        raise PictureError(
            "broken_image", f"a TIFF of this size must list {prod(page.chunked)} strips or tiles, got {parts}"
        )
    if min(*page.dataoffsets, *page.databytecounts) <= 0 or max(ends) > file_bytes:
        raise PictureError("broken_image", "image file is truncated: strips or tiles are missing")


def _read(page: Any, stored: Samples) -> Samples:
    """Return color samples of 8 or 16 bits, black at 0, and alpha if there is one, of (h, w, n) stored samples."""
    channels, bits = CHANNELS[page.photometric], page.bitspersample
    if page.photometric == PALETTE:
        wide = np.asarray(page.colormap).T  # (2^bits, 3)
        colors = (wide >> 8 if wide.max() > 255 else wide).astype(np.uint8)[stored[..., 0]]
    else:
        colors = _scaled(stored[..., :channels], bits)
    if page.photometric == WHITE_IS_ZERO:
        colors = white(colors) - colors
    for at, kind in enumerate(_extra_kinds(page), channels):
        if kind in (PREMULTIPLIED, ALPHA):
            alpha = _scaled(stored[..., at : at + 1], bits)
            return np.dstack([_divided(colors, alpha) if kind == PREMULTIPLIED else colors, alpha])
    return colors


def _extra_kinds(page: Any) -> tuple[int, ...]:
    """Return the kinds of the samples after the color; a single one without a kind is taken for alpha, as by others."""
    extra = page.samplesperpixel - CHANNELS[page.photometric]
    kinds = page.tags.valueof(EXTRA_SAMPLES)
    if kinds is None:
        return (ALPHA,) if extra == 1 else ()
    return tuple(map(int, np.atleast_1d(kinds)))[:extra]


def _scaled(samples: Samples, bits: int) -> Samples:
    """Scale samples of 1 to 16 bits to 8 or 16, white to white."""
    if bits in (8, 16):
        return samples
    low, high = 2**bits - 1, 255 if bits < 8 else 65535
    scaled: Samples = (samples.astype(np.uint32) * high + low // 2) // low
    return scaled.astype(np.uint8 if bits < 8 else np.uint16)


def _divided(colors: Samples, alpha: Samples) -> Samples:
    """Undo a premultiplication."""
    top, divisor = white(colors), np.maximum(alpha, 1).astype(np.uint32)
    divided: Samples = np.minimum((colors.astype(np.uint32) * top + divisor // 2) // divisor, top)
    return divided.astype(colors.dtype)

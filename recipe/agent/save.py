"""Write an image with its metadata: JPEG, WebP, and PNG and TIFF of 8 or 16 bits."""

import io
import math
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import TiffImagePlugin

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image
from iea.editor.formats.metadata import SIGNATURE, chunks
from iea.editor.formats.picture import ORIENTATION
from iea.editor.image import check_image
from iea.editor.io import BLOCK, JPEG, replacing
from iea.recipe.agent.metadata import EXIF_IFD, GPS_IFD, XMP, Metadata, Text

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
WEBP = {"quality": 95, "method": 4}
LONGEST_XMP = 65_000  # bytes in a JPEG's segment; a longer packet is left out
LONGEST_EXIF = 65_533  # the same; the longest values are left out
BYTE, TEXT, SHORT = 1, 2, 3  # types of TIFF
SOFTWARE, RESOLUTION, UNIT = 305, (282, 283), 296  # tags that tifffile writes itself


def save_image(path: Path, image: Image, metadata: Metadata, *, new: bool = False) -> None:
    """Write an image in the format of the name's suffix, atomically, in the color space of the profile.

    Parameters
    ----------
    image : (H, W, 3) uint8 or uint16, sRGB; JPEG and WebP, which have 8 bits, get it rounded
    metadata : written into the file; the pixels are converted to its profile, or are sRGB without one where they cannot be

    Raises
    ------
    OSError : the folder is missing or not writable, or the file exists and must be `new`
    ValueError : the suffix is none of SUFFIXES
    """
    check_image(image)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"a result must be written as one of {', '.join(SUFFIXES)}, got {path.name!r}; change its suffix"
        )
    if suffix not in (".png", ".tif", ".tiff"):
        image = to_8_bits(image)
    pixels = from_srgb(image, metadata.profile) if metadata.profile else image
    if pixels is None:
        pixels, metadata = image, replace(metadata, profile=b"")
    if suffix == ".png":
        data = _png(pixels, metadata)
    elif suffix in (".tif", ".tiff"):
        data = _tiff(pixels, metadata)
    else:
        data = _lossy(pixels, metadata, "WEBP" if suffix == ".webp" else "JPEG")
    with replacing(path) as partial:
        partial.write_bytes(data)
        if new:
            _name(partial, path)


def _name(partial: Path, path: Path) -> None:
    """Link a file to its name. Raises FileExistsError if another file has it; a disk without links, such as FAT, cannot tell."""
    try:
        os.link(partial, path)
    except OSError as error:
        if isinstance(error, FileExistsError):
            raise


def from_srgb(image: Image, profile: bytes) -> Image | None:
    """Convert sRGB pixels to a profile of RGB, block by block; None if the profile is broken or leads one way alone."""
    import imagecodecs

    srgb, converted = imagecodecs.cms_profile("srgb"), np.empty_like(image)
    flags = imagecodecs.CMS.FLAGS.NOOPTIMIZE if image.dtype == np.uint16 else None  # without: a coarse table
    rows = max(1, BLOCK // image.shape[1])
    try:
        for top in range(0, len(image), rows):
            converted[top : top + rows] = imagecodecs.cms_transform(
                np.ascontiguousarray(image[top : top + rows]),
                srgb,
                profile,
                colorspace="rgb",
                outcolorspace="rgb",
                flags=flags,
            )
    except imagecodecs.CmsError:  # such as one that only describes a scanner
        return None
    return converted


def _lossy(pixels: Image, metadata: Metadata, kind: str) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = dict(JPEG if kind == "JPEG" else WEBP)
    if exif := metadata.as_exif(LONGEST_EXIF) if kind == "JPEG" else metadata.as_exif():
        options["exif"] = exif
    options |= {"icc_profile": metadata.profile} if metadata.profile else {}
    if metadata.xmp and (kind == "WEBP" or len(metadata.xmp) < LONGEST_XMP):
        options["xmp"] = metadata.xmp
    PillowImage.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def _png(pixels: Image, metadata: Metadata) -> bytes:
    """Encode a PNG, and add the chunks of its metadata behind the header."""
    import imagecodecs

    encoded = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=3))
    (_, header), *others = chunks(encoded)
    added = []
    if metadata.profile:
        added.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.profile)))
    if exif := metadata.as_exif():
        added.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    if metadata.xmp:
        added.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    return SIGNATURE + header + b"".join(added) + b"".join(chunk for _, chunk in others)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _tiff(pixels: Image, metadata: Metadata) -> bytes:
    """Encode a TIFF; the directories of EXIF and GPS follow the image, and their tags point to them."""
    import tifffile

    main = metadata.main
    tags: list[tuple[Any, ...]] = [*_tags(main), (ORIENTATION, SHORT, 1, 1, True)]
    tags += [(XMP, 1, len(metadata.xmp), metadata.xmp, True)] if metadata.xmp else []
    attached = {ifd: values for ifd, values in ((EXIF_IFD, metadata.exif), (GPS_IFD, metadata.gps)) if values}
    tags += [(ifd - 1, 4, 1, 0, True) for ifd in attached]  # tifffile refuses the tags of directories themselves
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        pixels,
        byteorder="<",
        photometric="rgb",
        compression="zlib",
        predictor=True,
        metadata=None,
        software=Text(main.get(SOFTWARE) or "iea").encode(),
        **_resolution(main),
        iccprofile=metadata.profile or None,
        extratags=tags,
    )
    for ifd, values in attached.items():
        _attach(buffer, ifd, values)
    return buffer.getvalue()


def _tags(main: Mapping[int, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the tags of the main directory as tifffile takes them: texts, bytes and integers."""
    for tag, value in main.items():
        if tag in (SOFTWARE, UNIT):
            continue
        if isinstance(value, str):
            yield tag, TEXT, 0, value.encode(), True
        elif isinstance(value, bytes) and value:
            yield tag, BYTE, len(value), value, True
        elif isinstance(value, int) and 0 <= value < 2**16:
            yield tag, SHORT, 1, value, True


def _resolution(main: Mapping[int, Any]) -> dict[str, Any]:
    """Return the resolution for tifffile, {} if there is none that makes sense."""
    values = [float(value) for tag in RESOLUTION if isinstance(value := main.get(tag), Real)]
    if len(values) < len(RESOLUTION) or not all(math.isfinite(value) and value > 0 for value in values):
        return {}
    return {"resolution": tuple(values), "resolutionunit": main[UNIT] if main.get(UNIT) in (1, 2, 3) else 2}


def _attach(buffer: io.BytesIO, ifd: int, values: dict[int, Any]) -> None:
    """Append a directory to a TIFF, and write its place into the tag `ifd`."""
    import tifffile

    start = buffer.seek(0, io.SEEK_END)
    start += buffer.write(b"\0" * (start % 2))
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"II*\0\0\0\0\0", group=ifd)
    for tag, value in values.items():
        directory[tag] = value
    buffer.write(directory.tobytes(start))
    buffer.seek(0)
    with tifffile.TiffFile(buffer) as file:
        entry = file.pages.first.tags[ifd - 1].offset
    buffer.seek(entry)
    buffer.write(struct.pack("<HHII", ifd, 4, 1, start))

"""Find the color profile that an image file embeds, or make the one that it describes by numbers."""

import struct
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from iea.editor.color import srgb_to_linear
from iea.editor.formats.metadata import boxes, chunks

D65 = (0.3127, 0.3290)
SRGB = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # x, y of white, red, green and blue
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
PRIMARIES = {1: SRGB, 2: SRGB, 5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06)}
PRIMARIES |= dict.fromkeys((6, 7), (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070))
PRIMARIES |= {9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046), 11: (0.314, 0.351, *P3), 12: (*D65, *P3)}
"""Code point of ITU-T H.273 -> BT.709 and unspecified, BT.601, BT.2020, DCI-P3, Display P3."""
GAMMAS: dict[int, float | None] = dict.fromkeys((1, 2, 6, 7, 13, 14, 15)) | {4: 2.2, 5: 2.8, 8: 1.0}
"""Transfer characteristics of H.273 -> a power; None: the curve of sRGB, in which those of television are shown."""
HIGH_DYNAMIC_RANGE = (16, 18)  # PQ, HLG
OF_JPEG_2000 = (12, 16, 17, 18)  # its enumerated color spaces that are decoded: CMYK, sRGB, gray, and sYCC to sRGB
NEAR = 0.005  # of PNG's numbers, within which they mean sRGB


def embedded_profile(info: dict[Any, Any], data: bytes, kind: str) -> bytes:
    """Return the ICC profile of a file; b"" if it has none or means sRGB.

    Parameters
    ----------
    info : metadata as read by Pillow
    data : the file
    kind : format, as named by Pillow

    Raises
    ------
    ValueError : the file names colors that are not converted, and would be shown as others in sRGB
    """
    if kind == "PNG":
        before = takewhile(lambda chunk: chunk[0] != b"IDAT", chunks(data))
        coded = next((chunk[8:-4] for name, chunk in before if name == b"cICP"), b"")
        if len(coded) == 4:  # before ICC, says the specification
            if coded[2:] != b"\0\1":
                raise ValueError("its values must be RGB of full range; convert it to sRGB")
            return _coded(coded[0], coded[1])
    if isinstance(profile := info.get("icc_profile"), bytes):
        return profile
    match kind:
        case "PNG":
            return _described(info)
        case "BMP":
            return _of_bitmap(data)
        case "JPEG2000":
            return _of_jpeg_2000(next((box for name, box in boxes(data) if name == b"colr"), b""))
        case "AVIF" | "HEIF":
            named = (box for name, box in boxes(data) if name == b"colr" and box.startswith(b"nclx"))
            return _numbered(next(named, b"")[4:])
    return b""


def _of_bitmap(data: bytes) -> bytes:
    """Return the profile that a header of version 5 embeds."""
    header, space = data[14:18], data[70:74][::-1]
    start, length = (int.from_bytes(data[at : at + 4], "little") for at in (126, 130))
    if header != b"\x7c\0\0\0" or space not in (b"MBED", b"LINK"):
        return b""
    if space == b"LINK":
        raise ValueError("its color profile must be in the file, got the name of one; convert it to sRGB")
    return data[14 + start : 14 + start + length]


def _of_jpeg_2000(box: bytes) -> bytes:
    """Return the profile of a box of a color specification; of none, as in a bare codestream, too."""
    match box[:1]:
        case b"":
            return b""
        case b"\1" if int.from_bytes(box[3:7], "big") in OF_JPEG_2000:
            return b""
        case b"\2" | b"\3":
            return box[3:]
        case b"\5":
            return _numbered(box[3:])
    raise ValueError(
        f"its color space must be sRGB, gray, sYCC, CMYK or a profile, got {box[:7].hex()}; convert it to sRGB"
    )


def _numbered(codes: bytes) -> bytes:
    """Return the profile of two code points of 16 bits each; the decoders apply the others, a matrix and a range."""
    return _coded(*struct.unpack_from(">HH", codes)) if len(codes) >= 4 else b""


def _coded(primaries: int, transfer: int) -> bytes:
    """Return the profile of two code points of H.273."""
    if transfer in HIGH_DYNAMIC_RANGE:
        raise ValueError(
            f"its values are for high dynamic range (transfer characteristics {transfer}); convert it to sRGB"
        )
    if primaries not in PRIMARIES or transfer not in GAMMAS:
        raise ValueError(f"its colors are of H.273's primaries {primaries}, transfer {transfer}; convert it to sRGB")
    if (PRIMARIES[primaries], GAMMAS[transfer]) == (SRGB, None):
        return b""
    return _made(PRIMARIES[primaries], GAMMAS[transfer])


def _described(info: dict[Any, Any]) -> bytes:
    """Return the profile of a PNG's white point, primaries and gamma, if it has any."""
    gamma = info.get("gamma", 0)
    if "srgb" in info or not (gamma > 0 or "chromaticity" in info):  # a gamma of 0 has no meaning
        return b""
    gamma, given = gamma if gamma > 0 else 1 / 2.2, info.get("chromaticity", SRGB)
    if np.allclose((gamma, *given), (1 / 2.2, *SRGB), atol=NEAR):
        return b""
    return _made(given, 1 / gamma)


def _made(points: Sequence[float], gamma: float | None = None) -> bytes:
    """Return a profile of the curve of sRGB, or of a power; points: x, y of white, red, green and blue."""
    import imagecodecs

    curve = None if gamma else srgb_to_linear(np.linspace(0, 1, 4096)).astype(np.float32)
    try:
        made = imagecodecs.cms_profile(
            "rgb", whitepoint=points[:2], primaries=points[2:], gamma=gamma, transferfunction=curve
        )
    except imagecodecs.CmsError:
        return b""  # numbers that no profile can have
    return bytes(made)

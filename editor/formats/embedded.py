"""Find the color profile that an image file embeds, or make the one that it describes by numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from iea.editor.color import srgb_to_linear

D65 = (0.3127, 0.3290)
SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # x, y of red, green and blue
PRIMARIES = {9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046), 12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)}
"""Code point of ITU-T H.273 -> BT.2020, Display P3. Those of television are shown as sRGB."""
HIGH_DYNAMIC_RANGE = (16, 18)  # transfer characteristics of H.273: PQ, HLG
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
    ValueError : the values are encoded for high dynamic range, and would be much too dark in sRGB
    """
    if isinstance(profile := info.get("icc_profile"), bytes):
        return profile
    if kind == "PNG":
        at = data.find(b"cICP", 0, data.find(b"IDAT"))
        return _described(info) if at < 0 else _coded(data[at + 4], data[at + 5])
    at = data.find(b"colr") if kind in ("HEIF", "AVIF", "JPEG2000") else -1
    if at >= 0 and data[at + 4 : at + 8] == b"nclx":
        return _coded(int.from_bytes(data[at + 8 : at + 10], "big"), int.from_bytes(data[at + 10 : at + 12], "big"))
    if at >= 0 and kind == "JPEG2000" and data[at + 4] == 2:  # a profile; the box's length stands before its name
        return data[at + 7 : at - 4 + int.from_bytes(data[at - 4 : at], "big")]
    return b""


def _coded(primaries: int, transfer: int) -> bytes:
    """Return the profile of two code points of H.273."""
    if transfer in HIGH_DYNAMIC_RANGE:
        raise ValueError(
            f"its values are for high dynamic range (transfer characteristics {transfer}); convert it to sRGB"
        )
    return _made(D65, PRIMARIES[primaries]) if primaries in PRIMARIES else b""


def _described(info: dict[Any, Any]) -> bytes:
    """Return the profile of a PNG's white point, primaries and gamma, if it has any."""
    if "srgb" in info or not {"gamma", "chromaticity"} & set(info):
        return b""
    gamma, given = info.get("gamma", 1 / 2.2), info.get("chromaticity", (*D65, *SRGB))
    if np.allclose((gamma, *given), (1 / 2.2, *D65, *SRGB), atol=NEAR):
        return b""
    return _made(tuple(given[:2]), tuple(given[2:]), 1 / gamma if gamma > 0 else 2.2)


def _made(white: Sequence[float], primaries: Sequence[float], gamma: float | None = None) -> bytes:
    """Return a profile of the curve of sRGB, or of a power."""
    import imagecodecs

    curve = None if gamma else srgb_to_linear(np.linspace(0, 1, 4096)).astype(np.float32)
    try:
        made = imagecodecs.cms_profile(
            "rgb", whitepoint=white, primaries=primaries, gamma=gamma, transferfunction=curve
        )
    except imagecodecs.CmsError:
        return b""  # numbers that no profile can have
    return bytes(made)

"""Convert 16-bit pixels to sRGB by the matrix profiles (ICC) of cameras and raw converters.

Pillow's ImageCms converts 8-bit pixels with any profile, but cannot hold 16-bit RGB. Layout of the profile after
the ICC specification v4.4, sections 7.3 (tag table), 10.6 (curv), 10.18 (para) and 10.31 (XYZ).
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.editor.color import linear_to_srgb
from iea.editor.image import Plane

# Linear sRGB -> XYZ under D50, the profile connection space: primaries of IEC 61966-2-1, Bradford-adapted.
SRGB_TO_XYZ_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
PARAMETERS = {0: "g", 1: "gab", 2: "gabc", 3: "gabcd", 4: "gabcdef"}  # by function type of a para curve
_ROWS = 256  # rows converted at a time, so that floats of a large image do not fill the memory


def deep_to_srgb(pixels: NDArray[np.uint16], profile: bytes) -> NDArray[np.uint16]:
    """Convert (H, W, 3) uint16 from the profile's RGB or gray space to uint16 sRGB; colors outside sRGB are clipped.

    Raises
    ------
    ValueError : the profile is broken, or neither a matrix profile nor gray (look-up tables are not supported)
    """
    try:
        curves, matrix = _parse(profile)
    except (KeyError, IndexError, struct.error) as error:
        raise ValueError("its color profile is broken or not a matrix profile; convert it to sRGB first") from error
    result = np.empty_like(pixels)
    for top in range(0, len(pixels), _ROWS):
        rows = pixels[top : top + _ROWS]
        linear = np.stack([curve[rows[..., c]] for c, curve in enumerate(curves)], axis=-1) @ matrix.T
        result[top : top + _ROWS] = np.floor(linear_to_srgb(np.clip(linear, 0, 1)) * 65535 + 0.5)
    return result


def _parse(profile: bytes) -> tuple[list[Plane], NDArray[np.float64]]:
    """Return three curves of 65536 levels to linear light, and the matrix from there to linear sRGB."""
    tags = {}
    for entry in range(struct.unpack_from(">I", profile, 128)[0]):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * entry)
        tags[name] = profile[offset : offset + size]
    if profile[16:20] == b"GRAY":
        return [_curve(tags[b"kTRC"])] * 3, np.eye(3)
    columns = [np.array(struct.unpack_from(">3i", tags[name], 8)) / 65536 for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return curves, np.linalg.solve(SRGB_TO_XYZ_D50, np.stack(columns, axis=1))


def _curve(tag: bytes) -> Plane:
    """Return a tone curve tag as a table of 65536 levels -> linear light in [0, 1]."""
    x = np.linspace(0, 1, 65536)
    if tag[:4] == b"para":
        return _parametric(tag, x)
    if tag[:4] != b"curv":
        raise KeyError(tag[:4])
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return x
    if count == 1:
        gamma: Plane = x ** (struct.unpack_from(">H", tag, 12)[0] / 256)
        return gamma
    levels = np.array(struct.unpack_from(f">{count}H", tag, 12)) / 65535
    return np.interp(x, np.linspace(0, 1, count), levels)


def _parametric(tag: bytes, x: Plane) -> Plane:
    """Return (a x + b)^g + e from d upwards and c x + f below; parameters that a function type lacks are neutral."""
    names = PARAMETERS[struct.unpack_from(">H", tag, 8)[0]]
    values = [value / 65536 for value in struct.unpack_from(f">{len(names)}i", tag, 12)]
    p: dict[str, Any] = {"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0, "e": 0.0, "f": 0.0}
    p |= zip(names, values, strict=True)
    if len(names) in (3, 4):  # types 1 and 2: the power starts where its base is 0, and c is an offset to both
        p |= {"d": -p["b"] / p["a"], "e": p["c"], "f": p["c"], "c": 0.0}
    power = np.maximum(p["a"] * x + p["b"], 0) ** p["g"] + p["e"]
    return np.clip(np.where(x >= p["d"], power, p["c"] * x + p["f"]), 0, 1)

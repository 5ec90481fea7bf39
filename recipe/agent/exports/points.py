"""Curves as a few points on integers, as Camera Raw's point curve has them."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor import Image
from iea.editor.image import Plane
from iea.editor.sums import ROUND

Points: TypeAlias = Sequence[tuple[int, int]]
"""(x, y) in 0..255, x ascending."""

MOST = 16
"""Points of a curve: RapidRAW takes as many, darktable 20."""
APART = 3  # levels between two points: closer ones swing, since y is rounded
FLAT = 1e-9  # change of a curve that is cut off at black or white
STRAIGHT: Points = ((0, 0), (255, 255))


def points_of(table: Plane) -> Points:
    """Return at most MOST points of a non-decreasing curve, (256,) in [0, 1].

    Starting with the ends, where the curve leaves black and reaches white, the level of the largest error becomes a point, and
    of all these sets the one with the least mean error is taken.

    >>> points_of(np.linspace(0, 1, 256))
    [(0, 0), (255, 255)]
    """
    levels = np.asarray(table, float) * 255
    moving = np.flatnonzero((levels > levels[0] + FLAT) & (levels < levels[-1] - FLAT))
    first, last = (max(moving[0] - 1, 0), min(moving[-1] + 1, 255)) if moving.size else (0, 255)
    chosen, best, least = [int(first), int(last)], [], np.inf
    while len(chosen) <= MOST:
        points = [(x, round(levels[x])) for x in sorted(chosen)]
        errors = np.abs(curve_at(points, np.arange(256)) - levels)
        if errors.mean() < least - FLAT:
            best, least = points, errors.mean()
        near = np.min([np.abs(np.arange(256) - x) for x in chosen], axis=0) < APART
        if near.all() or errors[~near].max() < 0.5:
            break
        chosen.append(int(np.argmax(np.where(near, -1, errors))))
    return best


def curve_at(points: Points, x: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the curve through points at levels x, both in [0, 255].

    The curve is a natural cubic spline, constant outside of the points, within 0 and 255: that of Adobe's DNG SDK
    (dng_spline_solver) and of darktable's tone curve.
    """
    from scipy.interpolate import CubicSpline

    xs, ys = np.array(points, float).T
    curved: NDArray[np.float64] = np.clip(CubicSpline(xs, ys, bc_type="natural")(np.clip(x, xs[0], xs[-1])), 0, 255)
    return curved


def apply_curves(curves: Mapping[str, Points], image: Image, *, keep_hue: bool = True) -> Image:
    """Apply the curves "Red", "Green" and "Blue" to their channels of an 8-bit image, then the curve "" to all.

    Parameters
    ----------
    curves : name -> points; one that is missing is straight
    keep_hue : the curve of all channels is applied to the largest and the smallest one, and the middle one keeps its place
        (dng_reference.cpp, RefBaselineRGBTone, of Adobe's DNG SDK); else to each channel
    """
    channels = [curves.get(name, STRAIGHT) for name in ("Red", "Green", "Blue")]
    x = np.stack([curve_at(points, image[..., channel]) for channel, points in enumerate(channels)], axis=-1)
    low, high = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    master = curves.get("", STRAIGHT)
    if keep_hue:
        place = np.divide(x - low, high - low, out=np.zeros_like(x), where=high > low)
        start, end = curve_at(master, low), curve_at(master, high)
        y = start + (end - start) * place
    else:
        y = curve_at(master, x)
    applied: Image = np.floor(y + ROUND).astype(np.uint8)
    return applied

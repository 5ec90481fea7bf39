"""Measures of an edit that a photographer would name: dE, hue, chroma, clipping, tones of a region."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from iea.editor import Image
from iea.editor.color import luma, srgb_to_linear

TO_LMS = np.array(  # OKLab, Ottosson (2020): linear sRGB -> LMS, and its cube root -> L, a, b
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
COLORED = 0.03  # chroma in OKLab above which a pixel has a hue

Floats = NDArray[np.floating]


class Turn(NamedTuple):
    """Turn of the hue, degrees: mean and 95th percentile, both weighted by chroma."""

    mean: float
    p95: float


def lab(image: Image) -> Floats:
    """Return CIELAB (H, W, 3) of an sRGB image."""
    return rgb2lab(image)


def difference(a: Floats, b: Floats) -> Floats:
    """Return CIEDE2000 of two images in CIELAB, per pixel."""
    return deltaE_ciede2000(a, b)


def delta_e(a: Image, b: Image, where: NDArray[np.bool_] | None = None) -> float:
    """Return the mean CIEDE2000 of two sRGB images, of the pixels `where`."""
    apart = difference(lab(a), lab(b))
    return float(apart.mean() if where is None else apart[where].mean())


def oklab(image: Image) -> Floats:
    """Return OKLab (H, W, 3) of an sRGB image."""
    return np.cbrt(srgb_to_linear(image / 255) @ TO_LMS.T) @ TO_OKLAB.T


def hue_turn(before: Image, after: Image) -> tuple[Turn, float]:
    """Return the turn of the hue and mean chroma after / before, of pixels that have a hue before and after."""
    a, b = oklab(before), oklab(after)
    chroma_a, chroma_b = np.hypot(a[..., 1], a[..., 2]), np.hypot(b[..., 1], b[..., 2])
    colored = (chroma_a > COLORED) & (chroma_b > COLORED)
    turn = np.angle((a[..., 1] + 1j * a[..., 2]) * (b[..., 1] - 1j * b[..., 2]), deg=True)
    turns, weights = np.abs(turn)[colored], chroma_a[colored]
    ratio = float(chroma_b.sum() / chroma_a.sum())
    order = np.argsort(turns)
    p95 = turns[order][np.searchsorted(np.cumsum(weights[order]), 0.95 * weights.sum())]
    return Turn(float(np.average(turns, weights=weights)), float(p95)), ratio


def new_clip(before: Image, after: Image) -> float:
    """Return the share of values that are at 0 or white after the edit, less that before, in percent."""
    at_end = [np.mean((image == 0) | (image == 255)) for image in (before, after)]
    return float(100 * (at_end[1] - at_end[0]))


def luma_levels(image: Image) -> Floats:
    """Return the luma in levels, (H, W)."""
    return luma(image.transpose(2, 0, 1).astype(float))


def region(before: Image, after: Image, dark: bool) -> tuple[float, float]:
    """Return the mean change of L* in the darkest (or lightest) quarter, and its local contrast after / before."""
    a, b = lab(before)[..., 0], lab(after)[..., 0]
    chosen = a <= np.percentile(a, 25) if dark else a >= np.percentile(a, 75)
    if not dark:
        chosen &= a < 99
    ratio = local_contrast(b)[chosen].mean() / local_contrast(a)[chosen].mean()
    return float((b - a)[chosen].mean()), float(ratio)


def local_contrast(lightness: Floats) -> Floats:
    """Return the standard deviation in windows of 9 x 9 pixels."""
    mean, square = (cv2.blur(plane, (9, 9)) for plane in (lightness, lightness**2))
    return np.sqrt(np.maximum(square - mean**2, 0))

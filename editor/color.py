"""sRGB transfer curve, luma, and the curves that several tools share."""

import numpy as np

from iea.editor.image import Plane

LUMA = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights of R, G, B; they add up to 1, so the luma of a gray is that gray."""


def srgb_to_linear(x: Plane) -> Plane:
    """Decode sRGB in [0, 1] to linear light in [0, 1]. IEC 61966-2-1."""
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(x: Plane) -> Plane:
    """Encode linear light in [0, 1] as sRGB in [0, 1]. IEC 61966-2-1."""
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)


def luma(rgb: Plane) -> Plane:
    """Return the Rec. 709 luma (...) of encoded sRGB values (3, ...), in the dtype of `rgb`."""
    y: Plane = rgb[0] * LUMA[0] + rgb[1] * LUMA[1] + rgb[2] * LUMA[2]
    return y


def bias(x: Plane, gain: float | Plane) -> Plane:
    """Bend [0, 1] onto itself with slope `gain` > 0 at black and 1 / `gain` at white; 0 and 1 stay.

    gain x / (gain x + 1 - x), the rational bias of Schlick (1994), "Fast alternatives to Perlin's bias and
    gain functions", Graphics Gems IV. Unlike a power, it has a finite slope at black, so shadows are not posterized; the
    bend by 1 / gain is its inverse.
    """
    lifted = gain * x
    bent: Plane = lifted / (lifted + (1 - x))
    return bent


def balance(x: Plane, gains: Plane) -> Plane:
    """Give each channel its gain (3, 1) in linear light, fading to 1 at white, so that clipped skies stay white."""
    return linear_to_srgb(bias(srgb_to_linear(x), gains))

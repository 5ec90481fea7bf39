"""sRGB transfer curve, luma, and the curves that several tools share."""

import numpy as np

from iea.editor.image import Plane

LUMA = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights of R, G, B; they add up to 1, so the luma of a gray is that gray."""
LATE_KNEE = 0.95  # linear light above which the stronger channels of white balance bend towards white
EARLIEST_KNEE = 0.5  # the same of its weaker channels, where a late knee would leave white spots in a light sky
MOST = 2.2  # the largest increase of chroma, as a share of it, by saturation and vibrance together
ROOM = 0.005  # how far a stronger color may leave [0, 1] before it is cut off: little, so that near-whites stay clean


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


def gray_of(rgb: Plane) -> Plane:
    """Return the gray (...) of the same luminance as encoded sRGB values (3, ...): the root of the luma of their squares.

    The square stands for the transfer curve of sRGB: a pure red becomes 118, by the exact curve 127, by its luma 54.
    A gray is its own gray.
    """
    gray: Plane = np.sqrt(luma(rgb * rgb))
    return gray


def bias(x: Plane, gain: float | Plane) -> Plane:
    """Bend [0, 1] onto itself with slope `gain` > 0 at black and 1 / `gain` at white; 0 and 1 stay.

    gain x / (gain x + 1 - x), the rational bias of Schlick (1994), "Fast alternatives to Perlin's bias and
    gain functions", Graphics Gems IV. Unlike a power, it has a finite slope at black, so shadows are not posterized; the
    bend by 1 / gain is its inverse.
    """
    lifted = gain * x
    bent: Plane = lifted / (lifted + (1 - x))
    return bent


def amplify(light: Plane, gain: float | Plane, knee: float | Plane) -> Plane:
    """Multiply linear light by `gain` >= 1; what this lifts above `knee` is bent onto [knee, 1], with the same slope at the knee."""
    lifted = gain * light
    over = np.maximum(lifted - knee, 0) / (gain - knee)
    amplified: Plane = np.minimum(lifted, knee) + (1 - knee) * bias(over, (gain - knee) / (1 - knee))
    return amplified


def attenuate(light: Plane, gain: float | Plane, knee: float | Plane) -> Plane:
    """Undo `amplify`: divide light up to `knee` by `gain` >= 1; white stays white."""
    over = bias(np.maximum(light - knee, 0) / (1 - knee), (1 - knee) / (gain - knee))
    divided: Plane = (np.minimum(light, knee) + (gain - knee) * over) / gain
    return divided


def balance(x: Plane, axis: Plane, amount: float) -> Plane:
    """Multiply each channel by its gain in linear light, bent above a knee so that white stays white.

    The knee is LATE_KNEE for gains above 1, else the cube root of the gain, within these bounds.

    The gains are exp(amount axis), `axis` (3, 1), divided by their luma: the luminance of a gray stays. So a cast of a lamp,
    which multiplies light too, can be removed from all tones below the knee.
    """
    gains = np.exp(amount * axis)
    gains /= luma(gains)
    light, weaker = srgb_to_linear(x), np.minimum(gains, 1)
    knee = np.clip(np.cbrt(weaker), EARLIEST_KNEE, LATE_KNEE)
    balanced = np.where(gains > 1, amplify(light, np.maximum(gains, 1), LATE_KNEE), attenuate(light, 1 / weaker, knee))
    return linear_to_srgb(balanced)


def soften(x: Plane, limit: float | Plane) -> Plane:
    """Return x / sqrt(1 + (x / limit)^2): x where it is small, never beyond +-limit."""
    softened: Plane = x / np.sqrt(1 + np.square(x / limit))
    return softened


def stop_at_gamut(gain: Plane | float, high: Plane, low: Plane, gray: Plane) -> Plane:
    """Limit a gain of the chroma about `gray` so that the largest and the smallest channel stay within ROOM of [0, 1].

    With e = gain - 1 > 0 and h the largest e that keeps the pixel there, at most MOST: 1 + e / sqrt(1 + (e / h)^2). Gains below 1 stay.
    """
    more, inverse, below = gain - 1, high - gray, gray - low  # then in place: half the time
    inverse /= 1 + ROOM - high
    below /= low + ROOM
    np.maximum(inverse, below, out=inverse)
    np.maximum(inverse, 1 / MOST, out=inverse)
    inverse *= np.maximum(more, 0)
    inverse *= inverse
    inverse += 1
    np.sqrt(inverse, out=inverse)
    np.divide(more, inverse, out=inverse)
    inverse += 1
    return inverse


def smoothstep(x: Plane, first: float, last: float) -> Plane:
    """Return 0 up to `first`, 1 from `last` on, and 3 t^2 - 2 t^3 between them, t from 0 to 1."""
    t = np.clip((x - first) / (last - first), 0, 1)
    step: Plane = t * t * (3 - 2 * t)
    return step

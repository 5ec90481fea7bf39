"""Convert samples of any color space to sRGB, by their profile (ICC) or, without one, by the plain formulas."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.image import white

Samples: TypeAlias = NDArray[Any]
"""(H, W, n) uint8 or uint16; n = 1: gray, 0 is black; n = 3: RGB; n = 4: CMYK, 0 = without ink."""


def converter(profiles: Iterable[bytes], channels: int) -> Callable[[Samples], Samples]:
    """Return the conversion to sRGB by the first of the profiles that fits images of so many channels.

    A profile that is broken, or of another color space, is ignored, as viewers do; without any, gray and RGB are sRGB.
    """
    for profile in profiles:
        try:
            to_srgb(np.zeros((1, 1, channels), np.uint8), profile)
        except ValueError:
            continue
        return lambda samples: to_srgb(samples, profile)
    return assumed_srgb


def to_srgb(samples: Samples, profile: bytes) -> Samples:
    """Convert (H, W, n) samples to (H, W, 3) sRGB of the same depth; colors outside sRGB are clipped.

    Raises
    ------
    ValueError : the profile is broken or of another color space; an RGB profile fits gray too
    """
    import imagecodecs  # only images with a profile need it

    if samples.shape[2] == 1 and profile[16:20] == b"RGB ":
        samples = np.repeat(samples, 3, axis=2)
    space = {1: "gray", 3: "rgb", 4: "cmyk"}[samples.shape[2]]
    exact = imagecodecs.CMS.FLAGS.NOOPTIMIZE if samples.dtype == np.uint16 else None  # without: a coarse table
    try:
        converted: Samples = imagecodecs.cms_transform(
            samples[..., 0] if space == "gray" else samples,
            profile,
            _srgb(),
            colorspace=space,
            outcolorspace="rgb",
            flags=exact,
        )
    except Exception as error:  # CmsError and others: profiles are data
        raise ValueError(f"the color profile must fit {space} pixels: {error}") from error
    return converted


@cache
def _srgb() -> bytes:
    import imagecodecs

    return bytes(imagecodecs.cms_profile("srgb"))


def assumed_srgb(samples: Samples) -> Samples:
    """Return (H, W, 3) of gray or RGB samples as they are, and of CMYK as light that the inks let through."""
    if samples.shape[2] == 4:
        top = white(samples)
        light = top - samples.astype(np.uint32)
        inks = top - light[..., :3]
        return (light[..., 3:] - (inks * light[..., 3:] + top // 2) // top).astype(samples.dtype)
    return np.repeat(samples, 3, axis=2) if samples.shape[2] == 1 else samples

"""Sizes of images that verl's loader of images accepts: those that qwen_vl_utils' `smart_resize` can resize.

verl 0.9.1 resizes an image to sides that are multiples of a patch, within the pixel bounds of its row, and the model's
processor checks the result again. Both refuse an aspect ratio above 200; a side may also be rounded down to nothing.
"""

import math

MAX_RATIO = 200  # of the sides, before and after the loader's resizing
PATCHES = (28, 32)  # px: two patches of Qwen2.5-VL, and of Qwen3-VL
MIN_PIXELS = 4 * 28 * 28  # the minimum of Qwen2.5-VL's processor


def loader_fault(width: int, height: int, *, max_pixels: int, min_pixels: int = MIN_PIXELS) -> str | None:
    """Return why the loader would refuse an image; None if it accepts it.

    Parameters
    ----------
    width, height : pixels
    min_pixels, max_pixels : bounds of the row

    >>> loader_fault(512, 384, max_pixels=262144)
    >>> loader_fault(7494, 34, max_pixels=262144)
    'the longer side must be at most 200 times the shorter, got 7494 x 34'
    """
    if min(width, height) < 1:
        return f"both sides must be at least 1 pixel, got {width} x {height}"
    for patch in PATCHES:
        for sides in ((width, height), _resized(width, height, patch, min_pixels, max(max_pixels, min_pixels))):
            if not min(sides) or max(sides) > MAX_RATIO * min(sides):
                return f"the longer side must be at most {MAX_RATIO} times the shorter, got {sides[0]} x {sides[1]}"
    return None


def _resized(width: int, height: int, patch: int, min_pixels: int, max_pixels: int) -> tuple[int, int]:
    """Return the sides after the loader's resizing, as `smart_resize` of qwen_vl_utils computes them."""
    sides = [max(patch, round(side / patch) * patch) for side in (width, height)]
    if sides[0] * sides[1] > max_pixels:
        scale = (width * height / max_pixels) ** 0.5
        sides = [math.floor(side / scale / patch) * patch for side in (width, height)]
    elif sides[0] * sides[1] < min_pixels:
        scale = (min_pixels / (width * height)) ** 0.5
        sides = [math.ceil(side * scale / patch) * patch for side in (width, height)]
    return sides[0], sides[1]

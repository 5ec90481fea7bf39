"""Render a program as the published editor does: on 8-bit levels between most steps, which are truncated.

Every image passes through 8-bit HSV, even with an empty program, which moves colors by several levels. OpenCV makes the HSV
values and the blurs, as in the published editor; it is imported where it is needed.
"""

import numpy as np

from iea.editor.image import Image, check_image
from iea.editor.released.tools import (
    Floats,
    Levels,
    Values,
    balance_tables,
    effective,
    saturation_table,
    tone_table,
    truncated,
)

BLUR_PX = 3  # standard deviation of the blur of a positive sharpness
SHARPEST = 1.5  # weight of the detail at 100
NOISE = 0.3  # standard deviation of the grain at 100, as a share of white
DARKEST = 0.9  # share that the vignette takes from a corner, or adds to it, at the ends


def render(image: Image, edits: Values, *, seed: int = 0) -> Image:
    """Apply a program of the published editor.

    Parameters
    ----------
    image : (H, W, 3) uint8 sRGB; not modified
    edits : tool -> number, see `iea.editor.released.tools.effective`; in any order
    seed : of the grain. The published grain has no seed, so its pixels cannot be reproduced

    Returns
    -------
    (H, W, 3) uint8, never aliasing `image`. docs/released.md states how close it comes to the published editor

    Raises
    ------
    TypeError, ValueError : `image` is not an 8-bit image, or `edits` is not a program

    Examples
    --------
    >>> gray = np.full((1, 1, 3), 100, np.uint8)
    >>> render(gray, {"exposure": 50})[0, 0].tolist(), render(gray, {"natural_contrast": 1})[0, 0].tolist()
    ([141, 141, 141], [126, 126, 126])
    """
    check_image(image)
    if image.dtype != np.uint8:
        raise ValueError(f"the published editor needs an 8-bit image, got {image.dtype}; reduce it to uint8 first")
    values = effective(edits)
    levels = _colored(image, values)
    if "grain" in values or "vignette" in values:
        levels = _grain_and_vignette(levels, values.get("grain", 0), values.get("vignette", 0), seed)
    return _sharpened(levels, values.get("sharpness", 0))


def _colored(image: Image, values: Values) -> Levels:
    """Apply the tables of tone, saturation and white balance; the saturation in 8-bit HSV, with hues in steps of 2 degrees."""
    import cv2

    hsv = cv2.cvtColor(cv2.LUT(np.ascontiguousarray(image), tone_table(values)), cv2.COLOR_RGB2HSV)
    hsv[..., 1] = cv2.LUT(np.ascontiguousarray(hsv[..., 1]), saturation_table(values))
    return np.asarray(cv2.LUT(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), balance_tables(values)[None]), np.uint8)


def _grain_and_vignette(levels: Levels, grain: float, vignette: float, seed: int) -> Levels:
    x: Floats = levels.astype(np.float32) / np.float32(255)
    if grain > 0:
        noise = np.random.default_rng(seed).normal(0, NOISE * grain / 100, x.shape)
        x = np.clip(x + noise, 0, 1).astype(np.float32)
    if vignette > 0:
        x = x * (1 - _shade(levels, vignette / 100))
    elif vignette < 0:
        x = x + (1 - x) * _shade(levels, -vignette / 100)
    return truncated(x * x.dtype.type(255))


def _shade(levels: Levels, strength: float) -> Floats:
    """Return (H, W, 1), from 0 in the center to 0.9 `strength` in the corners.

    With r the distance from the center, 1 in the corners: min(r / (1 - strength / 2), 1)^(1/2 + 3/2 strength), so stronger
    vignettes reach their full effect nearer to the center.
    """
    height, width = levels.shape[:2]
    down, across = np.ogrid[:height, :width]
    radius = np.hypot(across - width / 2, down - height / 2) / np.hypot(width / 2, height / 2)
    reached: Floats = np.minimum(radius / (1 - strength / 2), 1) ** (0.5 + 1.5 * strength)
    return (DARKEST * strength * reached)[..., None]


def _sharpened(levels: Levels, value: float) -> Levels:
    """Add detail above 0; blur below, with kernels of 3 to 15 pixels."""
    import cv2

    if value > 0:
        weight = SHARPEST * value / 100
        blurred = cv2.GaussianBlur(levels, (0, 0), BLUR_PX)
        return np.asarray(cv2.addWeighted(levels, 1 + weight, blurred, -weight, 0), np.uint8)
    if value < 0:
        side = int(3 - 0.12 * value) | 1
        return np.asarray(cv2.GaussianBlur(levels, (side, side), 0), np.uint8)
    return levels

"""Edit with the operations of image libraries, uint8 to uint8: exposure, contrast, saturation, temperature, and sharpness.

All follow our rule: a table per channel for temperature; the tone curve on the largest and the smallest channel, the middle one
keeps its place; saturation about the gray of equal luminance, with the stop at the gamut; sharpness on the luma alone. Curves
and kernels are simpler and halos are not limited, so only the times are compared. Conversions from and to uint8 count.
OpenCV works in bands of rows, so that its planes stay in the cache.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageChops, ImageFilter, ImageMath

from iea.editor import Image
from iea.editor.color import LUMA, ROOM

EXPOSURE, CONTRAST = 1.3, 1.2  # gains
MORE, SHARPNESS = 0.3, 0.5  # shares added to chroma and to detail
WARMER = (1.1, 1.0, 0.9)  # of R, G, B
BAND = 1 << 16  # pixels at a time


def _warm(value: Any, gain: float) -> Any:
    return np.clip(value * gain + 0.5, 0, 255)


def _tone(value: Any) -> Any:
    return np.clip((value * EXPOSURE - 128) * CONTRAST + 128, 0, 255)


def opencv(image: Image) -> Image:
    """Edit all but sharpness."""
    edited = np.empty_like(image)
    rows = max(1, BAND // image.shape[1])
    for top in range(0, len(image), rows):
        edited[top : top + rows] = _opencv(image[top : top + rows])
    return edited


def _opencv(image: Image) -> Image:
    gains = [_warm(np.arange(256), gain).astype(np.uint8) for gain in WARMER]
    x = cv2.LUT(image, np.stack(gains, axis=-1)[None])
    red, green, blue = cv2.split(x)
    low, high = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    tones = (_tone(np.arange(256)) / 255).astype(np.float32)
    bottom, top = cv2.LUT(low, tones), cv2.LUT(high, tones)
    ratio = cv2.divide(cv2.subtract(top, bottom), cv2.max(cv2.subtract(high, low, dtype=cv2.CV_32F), 1.0))
    planes = [cv2.add(cv2.multiply(cv2.subtract(p, low, dtype=cv2.CV_32F), ratio), bottom) for p in (red, green, blue)]
    bent = cv2.merge(planes)
    gray = cv2.sqrt(cv2.transform(cv2.multiply(bent, bent), np.array([LUMA], np.float32)))
    above = cv2.divide(cv2.subtract(top, gray), cv2.subtract(1 + ROOM, top))
    near = cv2.max(above, cv2.divide(cv2.subtract(gray, bottom), cv2.add(bottom, ROOM)))
    more = cv2.divide(MORE, cv2.sqrt(cv2.add(cv2.multiply(near, near, scale=MORE**2), 1.0)))
    changes = [cv2.multiply(cv2.subtract(plane, gray), more) for plane in planes]
    edited = cv2.merge([cv2.add(plane, change) for plane, change in zip(planes, changes, strict=True)])
    return cv2.convertScaleAbs(cv2.max(edited, 0.0), alpha=255)


def pillow(image: Image) -> Image:
    """Edit by channel operations, tables and ImageMath, an expression at a time."""
    bands = [
        band.point([int(_warm(value, gain)) for value in range(256)])
        for band, gain in zip(Pillow.fromarray(image).split(), WARMER, strict=True)
    ]
    low, high = (fold(fold(bands[0], bands[1]), bands[2]) for fold in (ImageChops.darker, ImageChops.lighter))
    tones = [int(_tone(value) + 0.5) for value in range(256)]
    bottom, top = low.point(tones), high.point(tones)
    ratio = _math(
        lambda a: (a["t"] - a["b"]) / a["max"](a["float"](a["h"] - a["l"]), 1.0), t=top, b=bottom, h=high, l=low
    )
    bent = [_math(lambda a: (a["x"] - a["l"]) * a["k"] + a["b"], x=x, l=low, k=ratio, b=bottom) for x in bands]
    square = _weighted([_math(lambda a: a["x"] * a["x"], x=x) for x in bent])
    gray = _math(lambda a: a["x"] ** 0.5, x=square)
    above = _math(lambda a: (a["t"] - a["g"]) / ((1 + ROOM) * 255 - a["t"]), t=top, g=gray)
    below = _math(lambda a: (a["g"] - a["b"]) / (a["b"] + ROOM * 255), b=bottom, g=gray)
    near = _math(lambda a: a["max"](a["a"], a["b"]) * MORE, a=above, b=below)
    gain = _math(lambda a: 1 + MORE / (1 + a["n"] * a["n"]) ** 0.5, n=near)
    colored = [_math(lambda a: a["g"] + (a["x"] - a["g"]) * a["k"], x=x, g=gray, k=gain) for x in bent]
    luma = _weighted(colored).convert("L")
    soft = luma.filter(ImageFilter.GaussianBlur(1))
    sharp = [_math(lambda a: a["x"] + (a["y"] - a["s"]) * SHARPNESS + 0.5, x=x, y=luma, s=soft) for x in colored]
    return np.asarray(Pillow.merge("RGB", [x.convert("L") for x in sharp]))


def _math(expression: Callable[[dict[str, Any]], Any], **bands: Any) -> Any:
    return ImageMath.lambda_eval(expression, **bands)


def _weighted(bands: list[Any]) -> Any:
    red, green, blue = LUMA
    return _math(lambda a: a["r"] * red + a["g"] * green + a["b"] * blue, **dict(zip("rgb", bands, strict=True)))


def kornia(image: Image) -> Image:
    """Edit float tensors; kornia has no operation of this rule but its blur, so the others are those of torch."""
    import torch
    from kornia.filters import gaussian_blur2d

    torch.set_num_threads(1)
    x = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))).float()[None] / 255
    x = (x * torch.tensor(WARMER).view(1, 3, 1, 1)).clamp(0, 1)
    weights = torch.tensor(LUMA).view(1, 3, 1, 1)
    low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
    bottom, top = (((end * EXPOSURE - 0.5) * CONTRAST + 0.5).clamp(0, 1) for end in (low, high))
    x = bottom + (top - bottom) / (high - low).clamp(min=1e-6) * (x - low)
    gray = (x * x * weights).sum(1, keepdim=True).sqrt()
    near = torch.maximum((top - gray) / (1 + ROOM - top), (gray - bottom) / (bottom + ROOM))
    x = gray + (1 + MORE / (1 + (MORE * near) ** 2).sqrt()) * (x - gray)
    y = (x * weights).sum(1, keepdim=True)
    x = (x + SHARPNESS * (y - gaussian_blur2d(y, (5, 5), (1.0, 1.0)))).clamp(0, 1)
    return np.ascontiguousarray((x[0] * 255 + 0.5).byte().permute(1, 2, 0).numpy())

"""The published editor once more, pixel by pixel in plain Python, from the formulas of docs/released.md.

Independent of `iea.editor.released`: without its tables, numpy's arithmetic or OpenCV.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, exp, floor, hypot
from typing import TypeAlias

import numpy as np

from iea.editor import Image

Pixel: TypeAlias = tuple[int, int, int]

SINGLE = np.float32  # the first four tools must be in single precision: the results are cut
TINY = 1e-4  # levels; a whole level may come out slightly below itself in double precision
SMALL_KERNELS = {3: (1, 2, 1), 5: (1, 4, 6, 4, 1), 7: (2, 7, 14, 18, 14, 7, 2)}
"""OpenCV's kernels without a standard deviation, up to 7 pixels; not normalized."""


def cut(level: float | Fraction) -> int:
    """Clip to 0..255 and drop the fraction."""
    return floor(min(max(level, 0), 255))


def nearest(value: float) -> int:
    """Round halves up."""
    return floor(value + 0.5)


def toned(level: int, edits: Mapping[str, int]) -> int:
    """Exposure, brightness, contrast and fade in a row; then the tools on levels, each cut."""
    x, half = SINGLE(level) / SINGLE(255), SINGLE(0.5)
    if edits.get("exposure"):
        x *= SINGLE(2 ** (edits["exposure"] / 100))
    if edits.get("brightness"):
        x += SINGLE(edits["brightness"] / 200)
    if edits.get("contrast"):
        x = half + SINGLE(1.25 + 0.0075 * edits["contrast"]) * (x - half)
    if edits.get("fade"):
        share = 0.6 * max(edits["fade"], 0) / 100
        x = half + SINGLE(1 - share / 2) * (x + SINGLE(share) * (1 - x) - half)
    level = cut(float(x * SINGLE(255)))
    if edits.get("natural_contrast"):
        distance = (level - 128) / 255
        level = cut(255 / (1 + exp(-10 * edits["natural_contrast"] / 100 * distance)) + TINY)
    for name in ("highlights", "shadows", "whites", "blacks"):
        level = cut(255 * _bent(name, Fraction(level, 255), Fraction(8 * edits.get(name, 0), 1000)))
    return level


def _bent(name: str, x: Fraction, amount: Fraction) -> Fraction:
    if name == "highlights":
        return x + amount * x * (1 - x)
    if name == "shadows":
        return x + amount * (1 - x * x) * (1 - x)
    return x * (1 + amount) if name == "whites" else x + amount * (1 - x)


def divided(product: int, divisor: int, factor: int) -> int:
    """Return product / divisor, rounded as OpenCV does: `factor` / divisor is a whole number of 4096ths."""
    return (product // factor * round(4096 * factor / divisor) + 2048) >> 12 if divisor else 0


def colored(pixel: Pixel, edits: Mapping[str, int]) -> Pixel:
    """Through HSV with hues in 0..179 and saturations in 0..255, changed on the way."""
    value, low = max(pixel), min(pixel)
    spread = value - low
    sector = pixel.index(value)  # the first largest channel counts
    offset = pixel[(sector + 1) % 3] - pixel[(sector + 2) % 3] + 2 * spread * sector
    hue = divided(30 * offset, spread, 30) % 180
    share = divided(255 * spread, value, 255) / 255
    share = min(share * (1 + edits.get("saturation", 0) / 100), 1)
    share *= 1 + min(edits.get("vibrance", 0), 0) / 100
    saturation = cut(share * 255 + TINY) / 255
    part, step = hue / 30, int(hue / 30)
    rest = part - step
    dark, falling, rising = 1 - saturation, 1 - saturation * rest, 1 - saturation * (1 - rest)
    red, green, blue = (
        (1, rising, dark),
        (falling, 1, dark),
        (dark, 1, rising),
        (dark, falling, 1),
        (rising, dark, 1),
        (1, dark, falling),
    )[step]
    return nearest(value * red), nearest(value * green), nearest(value * blue)


def balanced(pixel: Pixel, edits: Mapping[str, int]) -> Pixel:
    """Temperature, cut; then tint, a whole number of levels."""
    warm = Fraction(edits.get("temperature", 0), 100)
    red, green, blue = (cut(level + part * warm) for level, part in zip(pixel, (50, 30, -50), strict=True))
    return red, cut(green + round(Fraction(30 * edits.get("tint", 0), 100))), blue


def shaded(level: int, row: int, column: int, height: int, width: int, value: int) -> int:
    """Vignette of one level of the pixel at `row` and `column`."""
    strength = abs(value) / 100
    radius = hypot(column - width / 2, row - height / 2) / hypot(width / 2, height / 2)
    amount = 0.9 * strength * min(radius / (1 - strength / 2), 1) ** (0.5 + 1.5 * strength)
    x = level / 255
    return cut(255 * (x * (1 - amount) if value > 0 else x + (1 - x) * amount) + TINY)


def kernel(side: int, deviation: float) -> list[float]:
    """Return a Gaussian of `side` weights with sum 1; without a deviation, the one that OpenCV takes for this side."""
    if not deviation and side in SMALL_KERNELS:
        weights: Sequence[float] = SMALL_KERNELS[side]
    else:
        deviation = deviation or 0.3 * ((side - 1) / 2 - 1) + 0.8
        weights = [exp(-((place - side // 2) ** 2) / (2 * deviation**2)) for place in range(side)]
    return [weight / sum(weights) for weight in weights]


def blurred(plane: list[list[float]], weights: list[float]) -> list[list[float]]:
    """Blur rows, then columns; beyond an edge the image is mirrored without repeating the edge."""

    def lines(rows: list[list[float]]) -> Iterator[list[float]]:
        for row in rows:
            last, half = len(row) - 1, len(weights) // 2
            inside = [last - abs(last - abs(place)) for place in range(-half, last + half + 1)]
            yield [sum(w * row[inside[place + at]] for at, w in enumerate(weights)) for place in range(last + 1)]

    across = list(lines(plane))
    return [list(row) for row in zip(*lines([list(column) for column in zip(*across, strict=True)]), strict=True)]


def sharpened(plane: list[list[int]], value: int) -> list[list[int]]:
    """Sharpness of one channel."""
    if not value:
        return plane
    floats = [[float(level) for level in row] for row in plane]
    if value < 0:
        side = int(3 + 12 * -value / 100)
        side += side % 2 == 0
        return [[nearest(level) for level in row] for row in blurred(floats, kernel(side, 0))]
    soft = blurred(floats, kernel(2 * ceil(3 * 3) + 1, 3))
    weight = 1.5 * value / 100
    return [
        [
            min(max(nearest((1 + weight) * level - weight * nearest(low)), 0), 255)
            for level, low in zip(row, lows, strict=True)
        ]
        for row, lows in zip(plane, soft, strict=True)
    ]


def render(image: Image, edits: Mapping[str, int]) -> Image:
    """Return the result of a program without grain."""
    height, width = image.shape[:2]
    planes: list[list[list[int]]] = [[[0] * width for _ in range(height)] for _ in range(3)]
    for row in range(height):
        for column in range(width):
            red, green, blue = (toned(int(level), edits) for level in image[row, column])
            pixel = balanced(colored((red, green, blue), edits), edits)
            for channel, level in enumerate(pixel):
                if edits.get("vignette"):
                    level = shaded(level, row, column, height, width, edits["vignette"])
                planes[channel][row][column] = level
    return np.stack([np.array(sharpened(plane, edits.get("sharpness", 0))) for plane in planes], axis=-1).astype(
        np.uint8
    )

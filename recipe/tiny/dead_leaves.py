"""Procedural images of overlapping shapes, whose colors, edges and spectra are like those of photographs.

"Dead leaves" (Lee, Mumford and Huang 2001, https://doi.org/10.1023/A:1011109015675) teach a model to see nearly as well as
photographs (Baradad et al. 2021, arXiv 2106.05963), and no photograph is used up: all of them stay for evaluation.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from iea.data_prep.synthesize.crops import Crop

Floats = NDArray[np.float32]

SHAPES = (5, 120)  # number of shapes
PARETO = 1.2  # exponent of their sizes: few large ones, many small ones
RADIUS = (0.012, 0.03, 0.6)  # smallest, scale and largest, as shares of the side
HUE_SPREAD = 50.0  # standard deviation around the palette's hue, degrees; one color in five has any hue
GRAIN, SHADE = 0.12, 0.25  # largest contrast of the texture, and of the light that varies over the image
BLUR = (0.3, 2.0)  # standard deviation, px of twice the side
BLACK, WHITE = (0.0, 0.15), (0.8, 1.05)  # where the 1st and the 99th percentile end


def dead_leaves(rng: np.random.Generator, side: int) -> Crop:
    """Return one image, (side, side, 3) uint8."""
    large = 2 * side
    palette = float(rng.uniform(0, 1)), abs(float(rng.normal(0, 0.35))), float(rng.uniform(0, 360))
    canvas = _background(rng, large, palette)
    for _ in range(int(rng.integers(*SHAPES))):
        _draw_shape(rng, canvas, tuple(float(channel) for channel in 255 * _color(rng, *palette)))
    scene = canvas.astype(np.float32) / 255
    scene *= 1 + _noise(rng, large, float(rng.uniform(0.6, 1.8)), GRAIN)
    scene *= np.exp(_noise(rng, large, 2.0, SHADE))
    soft = cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(*BLUR)))
    small = np.clip(cv2.resize(soft, (side, side), interpolation=cv2.INTER_AREA), 0, 1)
    bent = small ** np.float32(math.exp(rng.normal(0, 0.3)))
    low, high = np.quantile(bent, [0.01, 0.99])
    black, white = rng.uniform(*BLACK), rng.uniform(*WHITE)
    ranged = black + (bent - low) * (white - black) / (high - low + 1e-3)
    image: Crop = np.rint(255 * np.clip(ranged, 0, 1)).astype(np.uint8)
    return image


def _color(rng: np.random.Generator, value: float, chroma: float, hue: float) -> Floats:
    """Return RGB in [0, 1] near the palette's."""
    near = float(rng.normal(hue, HUE_SPREAD)) if rng.random() < 0.8 else float(rng.uniform(0, 360))
    saturation = min(1.0, abs(float(rng.normal(0, chroma + 0.15))))
    brightness = float(np.clip(rng.normal(value, 0.3), 0.02, 1))
    color: Floats = cv2.cvtColor(np.array([[[near % 360, saturation, brightness]]], np.float32), cv2.COLOR_HSV2RGB)[
        0, 0
    ]
    return color


def _background(rng: np.random.Generator, side: int, palette: tuple[float, float, float]) -> Crop:
    """Return a gradient between two colors in a random direction."""
    angle, steps = rng.uniform(0, 2 * math.pi), np.linspace(0, 1, side, dtype=np.float32)
    ramp = math.cos(angle) * steps[None, :] + math.sin(angle) * steps[:, None]
    ramp = ((ramp - ramp.min()) / np.ptp(ramp))[..., None]
    start, end = _color(rng, *palette), _color(rng, *palette)
    return np.ascontiguousarray(np.rint(255 * (start + (end - start) * ramp)).astype(np.uint8))


def _draw_shape(rng: np.random.Generator, canvas: Crop, color: tuple[float, ...]) -> None:
    """Draw an ellipse, a rectangle or a polygon."""
    side = len(canvas)
    smallest, scale, largest = RADIUS
    radius = side * min(largest, smallest + scale * float(rng.pareto(PARETO)))
    x, y = (float(value) for value in rng.uniform(0, side, 2))
    turn, ratio, kind = float(rng.uniform(0, 180)), float(rng.uniform(0.1, 1)), int(rng.integers(3))
    if kind == 0:
        axes = int(radius), max(1, int(radius * ratio))
        cv2.ellipse(canvas, (int(x), int(y)), axes, turn, 0, 360, color, -1, cv2.LINE_AA)
        return
    if kind == 1:
        corners = cv2.boxPoints(((x, y), (2 * radius, 2 * radius * ratio), turn))
    else:
        angles = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(3, 7))))
        corners = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], axis=1)
    cv2.fillPoly(canvas, [corners.astype(np.int32)], color, cv2.LINE_AA)


def _noise(rng: np.random.Generator, side: int, exponent: float, largest: float) -> Floats:
    """Return noise with a spectrum of 1/f^exponent and a random contrast up to `largest`, (side, side, 1)."""
    steps = np.fft.fftfreq(side)
    frequency = np.hypot(steps[:, None], steps[None, :])
    frequency[0, 0] = 1 / side
    field = np.fft.ifft2(np.exp(2j * np.pi * rng.random((side, side))) / frequency**exponent).real
    field = (field - field.mean()) / field.std() * rng.uniform(0, largest)
    scaled: Floats = field.astype(np.float32)[..., None]
    return scaled

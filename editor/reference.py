"""The specification in code: one tool after another on float64 arrays of the whole image.

The fast path is tested against it. Only tests and benchmarks import it.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from iea.editor.color import gray_of, luma, stop_at_gamut
from iea.editor.image import Image, Plane, check_image, check_pair, white
from iea.editor.program import Program
from iea.editor.sums import ROUND
from iea.editor.surroundings import Surroundings, brightness, steps
from iea.editor.tool import TINY, Curve, Tool, grain_weight
from iea.editor.tools import TOOLS


def render_float(image: Image, edits: Mapping[str, int], *, seed: int = 0, dtype: DTypeLike = np.float64) -> Plane:
    """Return the edited image before rounding: (H, W, 3) levels -> (3, H, W) floats of `dtype` in [0, 1]."""
    check_image(image)
    program = [(TOOLS[name], value) for name, value in Program(edits).items() if value]
    x: Plane = image.transpose(2, 0, 1).astype(dtype) / np.dtype(dtype).type(white(image))
    for curve, amount in _curves(program, "balance"):
        x = curve(x.reshape(3, -1), amount).astype(dtype).reshape(x.shape)
    balanced, tones = x, _curves(program, "curve")
    for curve, amount in tones:
        x = keep_hue(curve, x, amount).astype(dtype)
    view = Whole(balanced, x, image, tones, seed)
    weighted = [
        (kind, *tool.weighted(value)) for kind in ("color", "spatial") for tool, value in program if tool.kind == kind
    ]
    x = color(x, [(layer.of(view), amount) for kind, layer, amount in weighted if kind == "color"])
    for kind, layer, amount in weighted:
        if kind == "spatial":
            x = apply(layer.effect, x, layer.weigh(layer.of(view), amount))
    return np.clip(x, 0, 1)


def render(image: Image, edits: Mapping[str, int], *, seed: int = 0, dtype: DTypeLike = np.float64) -> Image:
    """Compute the result of `iea.editor.render` tool by tool."""
    levels = render_float(image, edits, seed=seed, dtype=dtype) * white(image) + ROUND
    rounded: Image = np.ascontiguousarray(np.floor(levels).astype(image.dtype).transpose(1, 2, 0))
    return rounded


def distance(a: Image, b: Image) -> float:
    """Compute the result of `iea.editor.distance` in float64."""
    check_pair(a, b)
    difference = (a.astype(np.float64) - b) / white(a)
    return float((np.mean(np.abs(difference)) + np.sqrt(np.mean(difference**2))) / 2)


def place_of(x: Plane) -> Plane:
    """Return the place of each channel between the smallest, 0, and the largest, 1, of its pixel: (3, H, W); 0 in grays."""
    low, high = x.min(axis=0), x.max(axis=0)
    place: Plane = (x - low) / np.maximum(high - low, TINY)
    return place


def keep_hue(curve: Curve, x: Plane, amount: float) -> Plane:
    """Apply a curve to the largest and the smallest channel of (3, H, W) pixels; the middle one keeps its place."""
    low, high = (curve(end.reshape(1, -1), amount).reshape(end.shape) for end in (x.min(axis=0), x.max(axis=0)))
    bent: Plane = low + (high - low) * place_of(x)
    return bent


def color(x: Plane, weighted: list[tuple[Any, float]]) -> Plane:
    """Multiply the chroma by the gains of all planes and amounts, limited at the gamut."""
    if not weighted:
        return x
    gain, gray = 1.0, gray_of(x)
    for plane, amount in weighted:
        gain = gain * (1 + amount * plane)
    return gray + stop_at_gamut(gain, x.max(axis=0), x.min(axis=0), gray) * (x - gray)


def apply(effect: str, x: Plane, plane: Any) -> Plane:
    """Apply a spatial layer, its plane times its amount, to (3, H, W) pixels."""
    change = x * plane if effect == "scale" else plane * grain_weight(luma(x)) if effect == "grain" else plane
    applied: Plane = x + change
    return applied


def _curves(program: list[tuple[Tool, int]], kind: str) -> list[tuple[Curve, float]]:
    return [(tool.curve, value / 100) for tool, value in program if tool.kind == kind and tool.curve]


class Whole:
    """The view of a whole image, computed plainly: (3, H, W) pixels before and after the "curve" tools `tones`."""

    def __init__(self, balanced: Plane, rgb: Plane, image: Image, tones: list[tuple[Curve, float]], seed: int) -> None:
        self.balanced, self.rgb, self.image, self.tones, self.seed = balanced, rgb, image, tones, seed
        self.top = self.left = 0
        self.height, self.width = rgb.shape[1:]

    @cached_property
    def place(self) -> Plane:
        return place_of(self.balanced)

    @cached_property
    def high(self) -> Plane:
        high: Plane = self.rgb.max(axis=0)
        return high

    @cached_property
    def low(self) -> Plane:
        low: Plane = self.rgb.min(axis=0)
        return low

    @cached_property
    def luma(self) -> Plane:
        return luma(self.rgb)

    def luma_around(self, margin: int) -> Plane:
        return np.pad(self.luma, margin, mode="edge")

    def rgb_around(self, margin: int) -> Plane:
        return np.pad(self.rgb, ((0, 0), (margin, margin), (margin, margin)), mode="edge")

    @cached_property
    def own(self) -> Plane:
        return self._toned(self._brightness)

    @cached_property
    def around(self) -> Plane:
        rows, columns = slice(0, self.height), slice(0, self.width)
        return self._toned(Surroundings.of(self.image).at(rows, columns, self._brightness))

    @cached_property
    def _brightness(self) -> Plane:
        return brightness(self.image.transpose(2, 0, 1)).astype(self.rgb.dtype)

    def _toned(self, measured: Plane) -> Plane:
        x: Plane = measured.reshape(1, -1) / steps(self.image.dtype)
        for curve, amount in self.tones:
            x = curve(x, amount)
        toned: Plane = x.reshape(measured.shape).astype(self.rgb.dtype)
        return toned

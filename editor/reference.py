"""The specification in code: one tool after another on float64 arrays of the whole image.

The fast path is tested against it. Only tests and benchmarks import it.
"""

from collections.abc import Mapping

import numpy as np

from iea.editor.color import luma
from iea.editor.image import Image, Plane, check_image, check_pair, white
from iea.editor.program import Program
from iea.editor.sums import ROUND
from iea.editor.tool import Layer, View
from iea.editor.tools import TOOLS


def render_float(image: Image, edits: Mapping[str, int], *, seed: int = 0) -> Plane:
    """Return the edited image before rounding: (H, W, 3) levels -> (3, H, W) float64 in [0, 1]."""
    check_image(image)
    program = {TOOLS[name]: value / 100 for name, value in Program(edits).items() if value}
    x: Plane = image.transpose(2, 0, 1).reshape(3, -1) / white(image)
    for tool, amount in program.items():
        if tool.curve:
            x = tool.curve(x, amount)
    layers = [(tool.layer, amount) for tool, amount in program.items() if tool.layer]
    x = curved = x.reshape(3, *image.shape[:2])
    for layer, amount in layers:
        x = apply(layer, layer.amount(amount), whole(curved, layer, seed), x)
    return np.clip(x, 0, 1)


def render(image: Image, edits: Mapping[str, int], *, seed: int = 0) -> Image:
    """Compute the result of `iea.editor.render` tool by tool."""
    levels = render_float(image, edits, seed=seed) * white(image) + ROUND
    rounded: Image = np.ascontiguousarray(np.floor(levels).astype(image.dtype).transpose(1, 2, 0))
    return rounded


def distance(a: Image, b: Image) -> float:
    """Compute the result of `iea.editor.distance` in float64."""
    check_pair(a, b)
    difference = (a.astype(np.float64) - b) / white(a)
    return float((np.mean(np.abs(difference)) + np.sqrt(np.mean(difference**2))) / 2)


def whole(curved: Plane, layer: Layer, seed: int) -> View:
    """Return the whole image as a view."""
    height, width = curved.shape[1:]
    y, halo = luma(curved), layer.halo(height, width)
    return View(curved, y, np.pad(y, halo, mode="edge"), 0, 0, height, width, seed)


def apply(layer: Layer, amount: float, view: View, x: Plane) -> Plane:
    """Apply one layer to (3, H, W) pixels."""
    plane = layer.of(view)
    if layer.effect == "add":
        return x + amount * plane
    if layer.effect == "scale":
        return x * (1 + amount * plane)
    y = luma(x)
    return y + (1 + amount * plane) * (x - y)

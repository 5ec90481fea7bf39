"""Apply the sixteen tools in the simplest way: one after another on arrays of the whole image.

In float64 this is `iea.editor.reference`, the specification; here the float type is an argument.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from iea.editor import Image
from iea.editor.image import white
from iea.editor.reference import apply, whole
from iea.editor.sums import ROUND
from iea.editor.tools import TOOLS


def render(image: Image, edits: Mapping[str, int], dtype: DTypeLike) -> Image:
    """Render with every step in floats of `dtype`."""
    x: NDArray[Any] = image.transpose(2, 0, 1).reshape(3, -1).astype(dtype) / dtype_of(dtype, white(image))
    ordered = [(tool, edits[name] / 100) for name, tool in TOOLS.items() if edits.get(name)]
    for tool, amount in ordered:
        if tool.curve:
            x = tool.curve(x, amount).astype(dtype)
    x = curved = x.reshape(3, *image.shape[:2])
    for tool, amount in ordered:
        if tool.layer:
            x = apply(tool.layer, tool.layer.amount(amount), whole(curved, tool.layer, seed=0), x)
    levels = np.clip(x, 0, 1) * white(image) + ROUND
    return np.ascontiguousarray(levels.astype(image.dtype).transpose(1, 2, 0))


def dtype_of(dtype: DTypeLike, number: float) -> Any:
    return np.dtype(dtype).type(number)


def distance(a: Image, b: Image, dtype: DTypeLike) -> float:
    """Compute (L1 + RMSE) / 2, relative to white, in floats of `dtype`."""
    difference = (a.astype(dtype) - b) / dtype_of(dtype, white(a))
    return float((np.mean(np.abs(difference)) + np.sqrt(np.mean(difference * difference))) / 2)


def measured(original: Image, reference: Image, edits: Mapping[str, int], dtype: DTypeLike) -> float:
    """Render, then measure."""
    return distance(render(original, edits, dtype), reference, dtype)


def reward(original: Image, reference: Image, edits: Mapping[str, int], dtype: DTypeLike) -> list[float]:
    """Compute the distances for one reward: before, after, and after the edit without each of its tools."""
    without = [{name: edits[name] for name in edits if name != left_out} for left_out in edits]
    before = distance(original, reference, dtype)
    return [before, *(measured(original, reference, some, dtype) for some in (edits, *without))]

"""Apply the sixteen tools in the simplest way: one after another on arrays of the whole image.

This is `iea.editor.reference`, the specification, in any float type.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from iea.editor import Image
from iea.editor.image import white
from iea.editor.reference import render

Edits = Mapping[str, int]


def distance(a: Image, b: Image, dtype: DTypeLike) -> float:
    """Compute (L1 + RMSE) / 2, relative to white, in floats of `dtype`."""
    difference = (a.astype(dtype) - b) / np.dtype(dtype).type(white(a))
    return float((np.mean(np.abs(difference)) + np.sqrt(np.mean(difference * difference))) / 2)


def measured(original: Image, reference: Image, edits: Edits, dtype: DTypeLike) -> float:
    """Render, then measure."""
    return distance(render(original, edits, dtype=dtype), reference, dtype)


def reward(original: Image, reference: Image, edits: Edits, dtype: DTypeLike) -> list[float]:
    """Compute the distances for one reward: before, after, and after the edit without each of its tools."""
    without = [{name: edits[name] for name in edits if name != left_out} for left_out in edits]
    before = distance(original, reference, dtype)
    return [before, *(measured(original, reference, some, dtype) for some in (edits, *without))]

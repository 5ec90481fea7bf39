"""Compile chains of curve tools into tables."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.image import Plane
from iea.editor.tools import TOOLS

Steps: TypeAlias = tuple[tuple[str, int], ...]
"""(tool, value) in order of application, values not 0."""


@dataclass(frozen=True, eq=False)
class Scale:
    """All values that a channel can have after a chain of "balance" tools.

    values : (N,) float64 in [0, 1], ascending
    ranks : (1 or 3, levels), the place in `values` of every level of each channel; None if every level is its own rank
    """

    values: Plane
    ranks: NDArray[np.int32] | None


@lru_cache(maxsize=32)  # 16-bit scales take 2.3 MiB
def scale_of(balance: Steps, levels: int) -> Scale:
    """Return the scale of an image of `levels` levels after the "balance" tools."""
    table = balance_table(balance, levels)
    if not balance:
        return Scale(table[0], None)
    values, ranks = np.unique(table, return_inverse=True)
    return Scale(values, ranks.astype(np.int32).reshape(table.shape))


@lru_cache(maxsize=32)
def balance_table(steps: Steps, levels: int) -> Plane:
    """Return the output of a chain of "balance" tools for each level and channel: (1 or 3, levels) float64, read-only."""
    return _chain(np.linspace(0, 1, levels)[None], steps)


@lru_cache(maxsize=64)  # the common start of two chains is computed once
def tone_table(steps: Steps, balance: Steps, levels: int) -> Plane:
    """Return the output of a chain of "curve" tools for each value of the scale: (N,) float64 in [0, 1], read-only."""
    if not steps:
        return scale_of(balance, levels).values
    return _chain(tone_table(steps[:-1], balance, levels)[None], steps[-1:])[0]


@lru_cache(maxsize=64)
def brightness_table(tone: Steps, top: int) -> Plane:
    """Return the output of a chain of "curve" tools for brightness 0 to `top`: (top + 1,) float64 in [0, 1], read-only."""
    return _chain(np.linspace(0, 1, top + 1)[None], tone)[0]


def _chain(x: Plane, steps: Steps) -> Plane:
    for name, value in steps:
        curve: Any = TOOLS[name].curve
        x = curve(x, value / 100)
    x.setflags(write=False)
    return x

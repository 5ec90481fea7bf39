"""Compile chains of curve tools into tables."""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.image import Plane
from iea.editor.sums import ROUND
from iea.editor.tools import TOOLS

Steps: TypeAlias = tuple[tuple[str, int], ...]
"""(tool, value) in order of application, values not 0."""

FINE = 257
"""Steps per 8-bit level by which balanced values are told apart."""

CLEAR = 2e-4
"""Levels by which an output is kept from the boundary of two levels. More than the error of float32: all pixels of a value would fall
on the wrong side at once."""


@lru_cache(maxsize=32)
def balance_table(steps: Steps, levels: int) -> Plane:
    """Return the output of a chain of "balance" tools for each level and channel: (1 or 3, levels) float64, read-only."""
    return _chain(np.linspace(0, 1, levels)[None], steps)


@lru_cache(maxsize=64)  # the common start of two chains is computed once
def tone_table(steps: Steps, balance: Steps, levels: int) -> Plane:
    """Return the output of a chain of "curve" tools after "balance" tools, as `balance_table`.

    All curves rise, so the smallest output of a pixel's channels is the output of the smallest channel.
    """
    if not steps:
        return balance_table(balance, levels)
    before = tone_table(steps[:-1], balance, levels)
    return _chain(before.reshape(1, -1), steps[-1:]).reshape(before.shape)


@lru_cache(maxsize=64)
def brightness_table(tone: Steps, top: int) -> Plane:
    """Return the output of a chain of "curve" tools for brightness 0 to `top`: (top + 1,) float64 in [0, 1], read-only."""
    table: Plane = _chain(np.linspace(0, 1, top + 1)[None], tone)[0]
    return table


def end_table(tone: Steps, balance: Steps, levels: int) -> Plane:
    """Return the output of "curve" tools for the balanced values of any channel, float32 or, of 16-bit images, float64.

    Entry `value` without "balance" tools, else entry int(FINE value), value in levels: two of the 768 values that share an entry
    differ by less than 1 / FINE. Other entries are undefined. The next call overwrites the table.
    """
    table = _cleared(tone, balance, levels)
    if not balance:
        single: Plane = table[0].astype(np.float32 if levels == 256 else np.float64)
        return single
    ends = SCRATCH.array("end table", (FINE * levels,), np.float32)
    ends[_places(balance, levels)] = table
    return ends


@lru_cache(maxsize=64)
def _cleared(tone: Steps, balance: Steps, levels: int) -> Plane:
    """Return `tone_table` with all outputs at least CLEAR from the boundary of two levels, on their side of it."""
    rounded = tone_table(tone, balance, levels) * (levels - 1) + ROUND
    boundary = np.rint(rounded)
    side = np.where(rounded < boundary, -CLEAR, CLEAR)
    rounded = np.where(np.abs(rounded - boundary) < CLEAR, boundary + side, rounded)
    cleared: Plane = (rounded - ROUND) / (levels - 1)
    return cleared


@lru_cache(maxsize=32)
def balance_values(balance: Steps, levels: int) -> Plane:
    """Return `balance_table` in levels, in the float type of the computation."""
    values: Plane = balance_table(balance, levels) * (levels - 1)
    return values.astype(np.float32 if levels == 256 else np.float64)


@lru_cache(maxsize=32)
def levels_table(balance: Steps, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return `balance_table` rounded to levels of `dtype`: exact if no other tools follow."""
    top = int(np.iinfo(dtype).max)
    rounded: NDArray[Any] = (balance_table(balance, top + 1) * top + ROUND).astype(dtype)
    return rounded


@lru_cache(maxsize=32)
def _places(balance: Steps, levels: int) -> NDArray[np.intp]:
    return (balance_values(balance, levels) * np.float32(FINE)).astype(np.intp)


def _chain(x: Plane, steps: Steps) -> Plane:
    for name, value in steps:
        curve: Any = TOOLS[name].curve
        x = curve(x, value / 100)
    x.setflags(write=False)
    return x

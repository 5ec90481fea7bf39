"""Compile chains of curve tools into tables."""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from iea.editor.image import Plane
from iea.editor.tools import TOOLS

Steps: TypeAlias = tuple[tuple[str, int], ...]
"""(tool, value) in order of application, values not 0."""


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


def _chain(x: Plane, steps: Steps) -> Plane:
    for name, value in steps:
        curve: Any = TOOLS[name].curve
        x = curve(x, value / 100)
    x.setflags(write=False)
    return x

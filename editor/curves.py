"""Compile chains of curve tools into one table."""

from functools import lru_cache
from typing import TypeAlias

import numpy as np

from iea.editor.image import Plane
from iea.editor.tools import TOOLS

Steps: TypeAlias = tuple[tuple[str, int], ...]
"""(tool, value) in order of application, values not 0."""


@lru_cache(maxsize=64)  # the common start of two chains is computed once; a table takes 1.5 MiB at 16 bits
def curve_table(steps: Steps, levels: int) -> Plane:
    """Return the output of the chain for each level, per channel: (1 or 3, levels) float64 in [0, 1], read-only.

    Exact: each value equals that of the tools applied one by one.
    """
    if not steps:
        table: Plane = np.linspace(0, 1, levels)[None]
    else:
        name, value = steps[-1]
        curve = TOOLS[name].curve
        assert curve is not None
        table = curve(curve_table(steps[:-1], levels), value / 100)
    table.setflags(write=False)
    return table

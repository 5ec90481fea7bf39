"""Chains of curve tools as one table."""

from functools import lru_cache
from typing import TypeAlias

import numpy as np

from iea.editor.image import Plane
from iea.editor.tools import TOOLS

Steps: TypeAlias = tuple[tuple[str, int], ...]
"""(tool, value) in order of application, values not 0."""


@lru_cache(maxsize=64)  # shared starts of chains are computed once; at 16 bits a table takes 1.5 MiB
def curve_table(steps: Steps, levels: int) -> Plane:
    """(1 or 3, levels) float64 in [0, 1], read-only: what the chain makes of each level, per channel.

    Exact: a pixel looked up here has the very value that the tools applied to it one by one would give.
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

"""A separable low-pass of any width: a cascade of weighted averages of three pixels, ever farther apart.

A step (s, w) replaces x by w x[-s] + (1 - 2 w) x + w x[s], which adds 2 w s^2 to the variance of the kernel. Steps at
distances 1, 1, 2, 2, 4, 4, ... have the weight 1/4 (two averages of two pixels); the last one has what is missing, so the width changes
continuously with the size of the picture.
"""

from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from iea.editor.image import Plane

Steps: TypeAlias = tuple[tuple[int, float], ...]
"""(distance in pixels, weight) of every step."""

LEAST_SIDE = 384  # px, the shorter side below which sharpening and grains keep their size in pixels, so that a thumbnail shows them
FULL = 0.25  # the weight of every step but the last


def steps_of(variance: float) -> Steps:
    """Return the cascade of a variance in square pixels; none for 0."""
    steps: list[tuple[int, float]] = []
    while variance > 1e-9:
        distance = 1 << len(steps) // 2
        weight = min(FULL, variance / (2 * distance**2))
        steps.append((distance, weight))
        variance -= 2 * weight * distance**2
    return tuple(steps)


def reach(steps: Steps) -> int:
    """Return the pixels that the cascade reads on each side."""
    return sum(distance for distance, _ in steps)


def blur(plane: Plane, steps: Steps) -> Plane:
    """Blur (R + 2 reach, C + 2 reach) -> (R, C), consuming the margin on every side.

    All rows are averaged as one line, nearly three times faster than row by row. Values that mix the end of one row with
    the start of the next lie in the margin, which is cut off.
    """
    rows, columns = plane.shape
    line, factor = plane.ravel(), 1.0
    for stride in (columns, 1):
        for distance, weight in steps:
            shift = stride * distance
            if weight == FULL:
                line = line[:-shift] + line[shift:]
                line = line[:-shift] + line[shift:]
                factor /= 4
            else:
                sides = line[: -2 * shift] + line[2 * shift :]
                line = line[shift:-shift] * (1 - 2 * weight) + sides * weight
    line = line * factor  # not in place: without steps it is the caller's array
    margin = 2 * reach(steps)
    return as_strided(line, (rows - margin, columns - margin), (columns * line.itemsize, line.itemsize))


def response_energy(steps: Steps) -> float:
    """Return the variance of white noise of variance 1 after the cascade in both directions."""
    kernel = np.ones(1)
    for distance, weight in steps:
        left, middle, right = (np.pad(kernel, (at, 2 * distance - at)) for at in (0, distance, 2 * distance))
        kernel = (1 - 2 * weight) * middle + weight * (left + right)
    return float(np.sum(kernel**2)) ** 2

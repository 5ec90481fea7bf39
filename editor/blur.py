"""A cheap separable low-pass: a cascade of averages of two pixels."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from iea.editor.image import Plane


def octave_of(side: int, base: int) -> int:
    """Return the number of times `side` can be halved before it is below 2 `base`: 0 below 2 base, 1 below 4 base, ..."""
    return max(0, (side // base).bit_length() - 1)


def shifts_of(octaves: int) -> tuple[int, ...]:
    """Return the distances between averaged pixels: 1, 1, then 2, 2, then 4, 4, ... (`octaves` pairs)."""
    return tuple(1 << octave for octave in range(octaves) for _ in range(2))


def reach(shifts: tuple[int, ...]) -> int:
    """Return the pixels that the cascade reads on each side, the same on both: shifts come in pairs."""
    return sum(shifts) // 2


def blur(plane: Plane, shifts: tuple[int, ...]) -> Plane:
    """Blur (R + 2 reach, C + 2 reach) -> (R, C), consuming the margin on every side.

    All rows are averaged as one line, nearly three times faster than row by row. Values that mix the end of one row with
    the start of the next lie in the margin, which is cut off.
    """
    rows, columns = plane.shape
    line = plane.ravel()
    for shift in (*(columns * shift for shift in shifts), *shifts):
        line = line[:-shift] + line[shift:]
    line = line * 0.25 ** len(shifts)  # not in place: without shifts it is the caller's array
    shape = rows - sum(shifts), columns - sum(shifts)
    return as_strided(line, shape, (columns * line.itemsize, line.itemsize))  # its last row ends with the line


def response_energy(shifts: tuple[int, ...]) -> float:
    """Return the variance of white noise of variance 1 after the cascade in both directions."""
    kernel = np.ones(1)
    for shift in shifts:
        kernel = (np.pad(kernel, (0, shift)) + np.pad(kernel, (shift, 0))) / 2
    return float(np.sum(kernel**2)) ** 2

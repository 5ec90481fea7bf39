"""Brightness of a pixel's surroundings, which ends at strong edges: the guided filter of He et al. (2010) on a coarse grid.

The picture is divided into cells, CELLS along its shorter side whatever its size. In every cell, brightness is
approximated by slope * brightness + offset: slope near 1 at strong edges, near 0 in flat or finely textured areas. Slope and
offset are smoothed over neighboring cells and interpolated between them. Dark objects on a light ground so keep
their outline, without halos; fine texture is averaged away.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.image import Image, Plane

CELLS = 48  # along the shorter side
PASSES = 2  # of smoothing: a standard deviation of 1 cell, 2.1 % of the shorter side
EDGE = 0.14  # standard deviation of brightness in a cell that counts half as an edge
WEIGHTS = (218, 732, 74)  # Rec. 709 luma, in 1024ths: exact in integers


def brightness(levels: NDArray[Any]) -> Plane:
    """Return the luma of levels (3, R, C), whole numbers from 0 to `steps`: float32 of 8-bit levels, else float64.

    Exact: no sum of the products needs more bits than the float type has.
    """
    work = np.float32 if levels.dtype == np.uint8 else np.float64
    planes = SCRATCH.array("work", levels.shape, work)
    for plane, out in zip(levels, planes, strict=True):
        np.copyto(out, plane)
    weights = (np.array(WEIGHTS, work) / 2 ** _shift(levels.dtype)).astype(work)
    total = np.einsum("c,crx->rx", weights, planes)  # BLAS would start threads within those of `render`
    whole: Plane = np.floor(total, out=total)
    return whole


def steps(dtype: Any) -> int:
    """Return the brightness of white: 1020 for uint8, 1023 for uint16."""
    return int(1024 * np.iinfo(dtype).max) >> _shift(dtype)


def _shift(dtype: Any) -> int:
    return int(np.iinfo(dtype).bits)


@dataclass(frozen=True)
class Surroundings:
    """Slope and offset of every cell, (rows of cells, columns of cells) float64, of an image of a size and dtype."""

    slope: Plane
    offset: Plane
    height: int
    width: int
    top: int

    @classmethod
    def of(cls, image: Image) -> "Surroundings":
        """Measure an image."""
        height, width = image.shape[:2]
        top, side = steps(image.dtype), min(height, width)
        size = side / min(CELLS, side)
        down, across = (_edges(length, max(1, round(length / size))) for length in (height, width))
        sums = np.array([_sums(image[first:last], across) for first, last in pairwise(down)])
        count = np.outer(np.diff(down), np.diff(across))
        mean, square = (_smooth(sums[:, number] / count / top ** (number + 1)) for number in (0, 1))
        variance = np.maximum(square - mean * mean, 0)
        slope = variance / (variance + EDGE * EDGE)
        return cls(_smooth(slope), _smooth(mean * (1 - slope)), height, width, top)

    def at(self, rows: slice, columns: slice, own: Plane) -> Plane:
        """Return the brightness of the surroundings of a tile whose own brightness is `own`: whole numbers (R, C), 0 to `top`."""
        found, offset = (
            self._between(plane, rows, columns, own.dtype) for plane in (self.slope, self.offset * self.top)
        )
        found *= own
        offset += 0.5
        found += offset
        found.clip(0, self.top, out=found)
        whole: Plane = np.floor(found, out=found)
        return whole

    def _between(self, cells: Plane, rows: slice, columns: slice, dtype: Any) -> Plane:
        """Interpolate linearly between the centers of cells: first along the few rows of cells of the tile."""
        down, below, share = _neighbors(rows, self.height, cells.shape[0])
        top = down[0]
        first, second, part = _neighbors(columns, self.width, cells.shape[1])
        lines = cells[top : below[-1] + 1]
        lines = (lines[:, first] * (1 - part) + lines[:, second] * part).astype(dtype)
        plane: Plane = np.take(lines, down - top, axis=0, mode="clip")
        rise = np.take(lines, below - top, axis=0, mode="clip")
        rise -= plane
        rise *= share[:, None].astype(dtype)
        plane += rise
        return plane


def _edges(length: int, count: int) -> NDArray[np.int64]:
    """Divide `length` pixels into `count` cells -> their count + 1 edges."""
    return np.round(np.linspace(0, length, count + 1)).astype(np.int64)


def _sums(rows: Image, across: NDArray[np.int64]) -> Plane:
    """Return (2, cells): the sums of brightness and of its square in the cells of one row of cells."""
    own = brightness(rows.transpose(2, 0, 1))
    columns = np.array([own.sum(axis=0), np.square(own).sum(axis=0)], np.float64)
    return np.add.reduceat(columns, across[:-1], axis=1)


def _smooth(cells: Plane) -> Plane:
    """Average each cell with its neighbors, 1 2 1, PASSES times in both directions."""
    for _ in range(PASSES):
        for axis in (0, 1):
            wide = np.pad(cells, [(1, 1) if axis == one else (0, 0) for one in (0, 1)], mode="edge")
            wide = np.moveaxis(wide, axis, 0)
            cells = np.moveaxis((wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4, 0, axis)
    return cells


def _neighbors(span: slice, length: int, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Plane]:
    """Return, for pixels of a line, the two nearest cells and the share of the second."""
    place = np.clip((np.arange(span.start, span.stop) + 0.5) * count / length - 0.5, 0, count - 1)
    first = place.astype(np.intp)
    return first, np.minimum(first + 1, count - 1), place - first

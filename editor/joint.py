"""Compute distances of curve-only edits from the joint histogram of two images, without reading a pixel again."""

import numpy as np
from numpy.typing import NDArray

from iea.editor.image import Image

_CHUNK = 1 << 18  # values counted at a time


class JointHistogram:
    """Joint statistics of 8-bit `original` and `reference`, sufficient for exact distances after any per-channel curve.

    For each channel c and level v of the original, over the reference levels r of the same pixels: their number,
    the sums of r and r^2, and the sum of max(t - r, 0) for every level t.
    """

    def __init__(self, original: Image, reference: Image) -> None:
        counts = np.stack([_count(original[..., c], reference[..., c]) for c in range(3)])
        r = np.arange(256)
        self._number = counts.sum(axis=2)
        self._sum = counts @ r
        self._square = counts @ (r * r)
        below = np.cumsum(counts, axis=2)  # pixels with a reference level of at most t
        self._excess = np.cumsum(below, axis=2) - below  # sum over r < t of t - r

    def difference_sums(self, levels: NDArray[np.uint8]) -> tuple[int, int]:
        """Return (sum of |t - r|, sum of (t - r)^2) after the curve (3, 256) level -> level t."""
        t = levels.astype(np.int64)
        excess = np.take_along_axis(self._excess, t[:, :, None], axis=2)[:, :, 0]
        absolute = 2 * excess + self._sum - self._number * t
        square = (self._number * t - 2 * self._sum) * t + self._square
        return int(absolute.sum()), int(square.sum())


def _count(a: NDArray[np.unsignedinteger], b: NDArray[np.unsignedinteger]) -> NDArray[np.int64]:
    """Return (256, 256): the number of pixels with level v in `a` and r in `b`."""
    rows = max(1, _CHUNK // a.shape[1])
    counts = np.zeros(65536, np.int64)
    for top in range(0, a.shape[0], rows):
        pair = a[top : top + rows].astype(np.intp)
        pair *= 256
        pair += b[top : top + rows]
        counts += np.bincount(pair.ravel(), minlength=65536)
    return counts.reshape(256, 256)

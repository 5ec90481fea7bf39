"""Reuse working memory between tiles and between calls."""

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

VIEWS_KEPT = 256
"""Number of shapes kept: several times that of the tiles of one image."""


class Scratch(threading.local):
    """Named buffers, one set per thread.

    The page faults of a new array of more than 128 KiB cost twenty times the arithmetic on it, so every array of a whole
    tile comes from here.
    """

    def __init__(self) -> None:
        self._memory: dict[str, NDArray[np.uint8]] = {}
        self._arrays: dict[tuple[str, tuple[int, ...], DTypeLike], NDArray[Any]] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an uninitialized C-contiguous array; it shares its memory with the last one of that name."""
        key = name, shape, dtype
        array = self._arrays.get(key)
        if array is None:  # views are kept: making one costs as much as the arithmetic on a small tile
            array = self._arrays[key] = self._view(name, shape, np.dtype(dtype))
        return array

    def _view(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        size = math.prod(shape) * dtype.itemsize
        memory = self._memory.get(name)
        if memory is None or memory.size < size:
            memory = self._memory[name] = np.empty(size, np.uint8)
            self._arrays = {key: array for key, array in self._arrays.items() if key[0] != name}
        elif len(self._arrays) >= VIEWS_KEPT:
            self._arrays.clear()
        return memory[:size].view(dtype).reshape(shape)


# Consecutive steps that do not need each other's result share the name "work", whose memory is still in cache. This saves
# a seventh of the time of one program at a megapixel.
SCRATCH = Scratch()

# Freed at once, after which the GNU C library keeps up to 62 MiB of freed memory (mallopt(3), M_MMAP_THRESHOLD: the largest block
# that counts is 32 MiB). Otherwise every new array of a tile, as the formulas of tools make them, costs page faults.
np.empty(31 << 20, np.uint8)

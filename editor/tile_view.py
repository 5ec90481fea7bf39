"""Planes of one tile that the layers of a program see: computed when a layer first asks for them, then kept."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.color import LUMA, MOST, ROOM
from iea.editor.curves import FINE, Steps, balance_values, brightness_table, end_table, tone_table
from iea.editor.image import Plane, white
from iea.editor.tile import Tile, look_up, to_index
from iea.editor.tool import TINY, Layer


class Balanced:
    """A tile after the "balance" tools: what programs with the same ones share. All planes have the tile's margin.

    values : (3, R, C) from 0 to white, in levels and fractions
    low, inverse : (R, C) smallest channel, in [0, 1], and 1 / (largest less smallest, at least TINY)
    """

    def __init__(self, tile: Tile, balance: Steps) -> None:
        self.tile, self.balance, self.inner = tile, balance, tile.inner
        self.top = white(tile.levels)
        self.dtype = np.dtype(np.float32 if self.top == 255 else np.float64)
        self.values = self._planes("values", 3)
        if balance:
            look_up(balance_values(balance, self.top + 1), tile.levels, self.values)
        else:
            for plane, out in zip(tile.levels, self.values, strict=True):
                np.copyto(out, plane)
        self.low, self.inverse = self._planes("least"), self._planes("inverse")
        _ends(self.values, self.low, self.inverse)
        self.places = self._places(self.low, self.inverse)
        self.inverse -= self.low
        self.inverse *= 1 / self.top
        self.inverse.clip(TINY, 1, out=self.inverse)
        np.divide(1, self.inverse, out=self.inverse)
        self.low *= 1 / self.top

    def _planes(self, name: str, *count: int) -> Plane:
        return SCRATCH.array(name, (*count, *self.tile.levels.shape[1:]), self.dtype)

    def _places(self, low: Plane, high: Plane) -> NDArray[np.intp] | None:
        """Return the entries of `end_table` of the smallest and the largest channel; None without such a table."""
        if self.balance and self.top > 255:
            return None
        places = SCRATCH.array("places", (2, *low.shape), np.intp)
        scaled = self._planes("work")
        for plane, out in zip((low, high), places, strict=True):
            to_index(np.multiply(plane, FINE, out=scaled) if self.balance else plane, out)
        return places

    def toned(self, tone: Steps, low: Plane, high: Plane) -> None:
        """Set the smallest and the largest channel after "curve" tools, in [0, 1]."""
        if self.places is None:
            bent = self._planes("work", 3)
            look_up(tone_table(tone, self.balance, self.top + 1), self.tile.levels, bent)
            _ends(bent, low, high)
            return
        table = end_table(tone, self.balance, self.top + 1)
        for places, out in zip(self.places, (low, high), strict=True):
            np.take(table, places, out=out, mode="clip")

    @cached_property
    def luma(self) -> Plane:
        """Luma of the values, in [0, 1]."""
        return self._luma(self.values, self.top)

    @cached_property
    def variance(self) -> Plane:
        """Luma of the squares of the values less the square of their luma."""
        squares = np.multiply(self.values, self.values, out=self._planes("work", 3))
        plane = self._luma(squares, self.top**2)
        plane -= self.luma * self.luma
        return plane.clip(0, 1, out=plane)

    def _luma(self, planes: Plane, top: int) -> Plane:
        weights = (np.array(LUMA, self.dtype) / top).astype(self.dtype)
        mixed: Plane = np.einsum("c,crx->rx", weights, planes)  # BLAS would start threads within those of `render`
        return mixed

    @cached_property
    def place(self) -> Plane:
        """(3, R, C) place of each channel between the smallest and the largest, without margin."""
        inner = self.inner
        place: Plane = (inner(self.values) * (1 / self.top) - inner(self.low)) * inner(self.inverse)
        return place


class TileView:
    """A `View` of a tile after the "curve" tools; a pixel is `ratio` times its balanced one, plus `base`."""

    def __init__(self, shared: Balanced, tone: Steps) -> None:
        self.shared, self.tone = shared, tone
        source, (rows, columns) = shared.tile.source, shared.tile.area
        self.top, self.left, self.seed = rows.start, columns.start, source.seed
        self.height, self.width = source.image.shape[:2]
        self.planes: dict[Layer, Any] = {}
        low, high, ratio, base = (
            SCRATCH.array(name, shared.low.shape, shared.dtype) for name in ("low", "high", "ratio", "base")
        )
        shared.toned(tone, low, high)
        np.subtract(high, low, out=ratio)
        ratio *= shared.inverse
        np.multiply(ratio, shared.low, out=base)
        np.subtract(low, base, out=base)
        self.ratio_around, self.base_around = ratio, base
        self.low, self.high, self.ratio, self.base = map(shared.inner, (low, high, ratio, base))

    def plane(self, layer: Layer) -> Any:
        """Return the plane of a layer."""
        if layer not in self.planes:
            self.planes[layer] = layer.of(self)
        return self.planes[layer]

    @property
    def place(self) -> Plane:
        """(3, R, C)."""
        return self.shared.place

    @cached_property
    def _luma_around(self) -> Plane:
        plane = SCRATCH.array("luma", self.ratio_around.shape, self.shared.dtype)
        np.multiply(self.ratio_around, self.shared.luma, out=plane)
        plane += self.base_around
        return plane

    @property
    def luma(self) -> Plane:
        """(R, C)."""
        return self.shared.inner(self._luma_around)

    @cached_property
    def gray(self) -> Plane:
        """The gray of the luminance of each pixel, as `iea.editor.color.gray_of`.

        Its square, the luma of the squares, is the square of the luma plus ratio^2 times the variance before the curves.
        """
        plane: Plane = SCRATCH.array("gray", self.ratio.shape, self.shared.dtype)
        term = SCRATCH.array("term", self.ratio.shape, self.shared.dtype)
        np.multiply(self.ratio, self.ratio, out=plane)
        plane *= self.shared.inner(self.shared.variance)
        plane += np.multiply(self.luma, self.luma, out=term)
        return np.sqrt(plane, out=plane)

    @cached_property
    def crowding(self) -> Plane:
        """1 / h^2, h as in `iea.editor.color.stop_at_gamut`."""
        plane = SCRATCH.array("crowding", self.ratio.shape, self.shared.dtype)
        below, room = (SCRATCH.array(name, plane.shape, plane.dtype) for name in ("term", "room"))
        np.subtract(self.high, self.gray, out=plane)
        plane /= np.subtract(1 + ROOM, self.high, out=room)
        np.subtract(self.gray, self.low, out=below)
        below /= np.add(self.low, ROOM, out=room)
        np.maximum(plane, below, out=plane)
        plane = plane.clip(1 / MOST, np.inf, out=plane)
        plane *= plane
        return plane

    @cached_property
    def own(self) -> Plane:
        """Brightness of the original pixel after the "curve" tools."""
        return np.take(self._tones, self.shared.tile.own, mode="clip")

    @cached_property
    def around(self) -> Plane:
        """Brightness of the surroundings after the "curve" tools."""
        return np.take(self._tones, self.shared.tile.around, mode="clip")

    @cached_property
    def _tones(self) -> Plane:
        return brightness_table(self.tone, self.shared.tile.source.surroundings.top).astype(self.shared.dtype)

    def luma_around(self, margin: int) -> Plane:
        """Return the luma with `margin` pixels of its surroundings."""
        return self._with_margin(self._luma_around, margin)

    def rgb_around(self, margin: int) -> Plane:
        """Return the pixels with `margin` pixels of their surroundings."""
        scaled = self.ratio_around * (1 / self.shared.top)
        return self._with_margin(self.base_around + scaled * self.shared.values, margin)

    def _with_margin(self, plane: Plane, margin: int) -> Plane:
        spare = self.shared.tile.halo - margin
        return plane[..., spare:-spare, spare:-spare] if spare else plane


def _ends(planes: Plane, low: Plane, high: Plane) -> None:
    """Set the smallest and the largest of three planes."""
    for fold, out in ((np.minimum, low), (np.maximum, high)):
        fold(fold(planes[0], planes[1], out=out), planes[2], out=out)

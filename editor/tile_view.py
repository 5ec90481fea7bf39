"""Views of one tile for the layers of a program: planes that are computed when a layer first asks for them, then kept."""

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.color import LUMA
from iea.editor.curves import Steps, balance_table, brightness_table, tone_table
from iea.editor.image import Image, Plane, white
from iea.editor.surroundings import Surroundings, brightness
from iea.editor.tool import TINY, Layer


class Source(Protocol):
    """The image of a tile: what all programs share."""

    image: Image
    seed: int

    @property
    def surroundings(self) -> Surroundings: ...


class Tile:
    """The levels of a tile with its margin, (3, R, C), and what all programs need of them."""

    def __init__(self, levels: NDArray[Any]) -> None:
        self.levels = levels

    @cached_property
    def indices(self) -> NDArray[np.intp]:
        """The levels in the type that is fastest in np.take."""
        indices = SCRATCH.array("indices", self.levels.shape, np.intp)
        np.copyto(indices, self.levels)
        return indices

    @cached_property
    def ends(self) -> NDArray[Any]:
        """(2, R, C): the smallest and the largest level of each pixel."""
        red, green, blue = self.levels
        ends = SCRATCH.array("ends", (2, *red.shape), self.levels.dtype)
        for fold, out in zip((np.minimum, np.maximum), ends, strict=True):
            fold(fold(red, green, out=out), blue, out=out)
        return ends

    @cached_property
    def end_indices(self) -> NDArray[np.intp]:
        """`ends` in the type that is fastest in np.take."""
        indices = SCRATCH.array("end indices", self.ends.shape, np.intp)
        np.copyto(indices, self.ends)
        return indices


class Balanced:
    """A tile after the "balance" tools, with a margin of `halo`: what programs with the same ones share.

    values : (3, R, C) in [0, 1]
    low, range : (R, C) smallest channel, and largest less smallest, at least TINY
    """

    def __init__(self, source: Source, tile: "Tile", area: tuple[slice, slice], halo: int, balance: Steps) -> None:
        self.source, self.tile, self.area, self.halo, self.balance = source, tile, area, halo, balance
        self.levels = white(source.image) + 1
        self.dtype = np.dtype(np.float32 if self.levels == 256 else np.float64)
        self.values = SCRATCH.array("values", tile.levels.shape, self.dtype)
        shape = self.values.shape[1:]
        self.low, self.range = (SCRATCH.array(name, shape, self.dtype) for name in ("least", "range"))
        if balance:
            self._look_up(balance_table(balance, self.levels), self.values)
            self._ends(self.values, self.low, self.range)
        else:
            scale = self.dtype.type(1 / (self.levels - 1))
            for planes, out in ((tile.levels, self.values), (tile.ends[0], self.low), (tile.ends[1], self.range)):
                np.multiply(planes, scale, out=out)
        self.range -= self.low
        np.maximum(self.range, self.dtype.type(TINY), out=self.range)

    def toned(self, tone: Steps, low: Plane, high: Plane) -> None:
        """Set the smallest and the largest channel after "curve" tools."""
        table = tone_table(tone, self.balance, self.levels)
        if self.balance:
            bent = SCRATCH.array("work", self.values.shape, self.dtype)
            self._look_up(table, bent)
            self._ends(bent, low, high)
        else:
            for ends, out in zip(self.tile.end_indices, (low, high), strict=True):
                np.take(table[0].astype(self.dtype), ends, out=out, mode="clip")

    def _look_up(self, table: Plane, out: Plane) -> None:
        for channel, indices in enumerate(self.tile.indices):  # "clip" skips numpy's check of every index
            np.take(table[channel % len(table)].astype(self.dtype), indices, out=out[channel], mode="clip")

    def _ends(self, planes: Plane, low: Plane, high: Plane) -> None:
        for fold, out in ((np.minimum, low), (np.maximum, high)):
            fold(fold(planes[0], planes[1], out=out), planes[2], out=out)

    @cached_property
    def luma(self) -> Plane:
        """Luma of `values`."""
        return self._luma(self.values)

    @cached_property
    def square(self) -> Plane:
        """Luma of the squares of `values`, without margin."""
        inner = self.inner(self.values)
        squares = SCRATCH.array("work", inner.shape, self.dtype)
        return self._luma(np.multiply(inner, inner, out=squares))

    def _luma(self, planes: Plane) -> Plane:
        weights = np.array(LUMA, self.dtype)
        mixed: Plane = (weights @ planes.reshape(3, -1)).reshape(planes.shape[1:])
        return mixed

    @cached_property
    def place(self) -> Plane:
        """(3, R, C) place of each channel between the smallest and the largest, without margin."""
        inner = self.inner
        return (inner(self.values) - inner(self.low)) / inner(self.range)

    def inner(self, plane: Plane) -> Plane:
        """Cut the margin off."""
        halo = self.halo
        return plane[..., halo : plane.shape[-2] - halo, halo : plane.shape[-1] - halo] if halo else plane

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """Brightness of the tile, without margin, in steps of the surroundings."""
        return brightness(self.inner(self.tile.levels), self.tile.levels.dtype)

    @cached_property
    def around(self) -> NDArray[np.intp]:
        """Brightness of the surroundings of every pixel."""
        return self.source.surroundings.at(*self.area, self.own, self.dtype)


class TileView:
    """A `View` of a tile after the "curve" tools; a pixel is `ratio` times its balanced values, plus `base`."""

    def __init__(self, shared: Balanced, tone: Steps) -> None:
        self.shared, self.tone = shared, tone
        rows, columns = shared.area
        self.top, self.left, self.seed = rows.start, columns.start, shared.source.seed
        self.height, self.width = shared.source.image.shape[:2]
        self.planes: dict[Layer, Any] = {}
        low, high, ratio, base = (
            SCRATCH.array(name, shared.low.shape, shared.dtype) for name in ("low", "high", "ratio", "base")
        )
        shared.toned(tone, low, high)
        np.subtract(high, low, out=ratio)
        ratio /= shared.range
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

        luma(x^2) with x = ratio v + base is ratio^2 luma(v^2) + base (2 ratio luma(v) + base), and ratio luma(v) + base is luma(x).
        """
        plane: Plane = SCRATCH.array("gray", self.ratio.shape, self.shared.dtype)
        term = SCRATCH.array("term", self.ratio.shape, self.shared.dtype)
        np.multiply(self.ratio, self.ratio, out=plane)
        plane *= self.shared.square
        np.add(self.luma, self.luma, out=term)
        term -= self.base
        term *= self.base
        plane += term
        np.maximum(plane, 0, out=plane)
        np.sqrt(plane, out=plane)
        return plane

    @cached_property
    def own(self) -> Plane:
        """Brightness of the original pixel after the "curve" tools."""
        return np.take(self._tones, self.shared.own, mode="clip")

    @cached_property
    def around(self) -> Plane:
        """Brightness of the surroundings after the "curve" tools."""
        return np.take(self._tones, self.shared.around, mode="clip")

    @cached_property
    def _tones(self) -> Plane:
        return brightness_table(self.tone, self.shared.source.surroundings.top).astype(self.shared.dtype)

    def luma_around(self, margin: int) -> Plane:
        """Return the luma with `margin` pixels of its surroundings."""
        return self._with_margin(self._luma_around, margin)

    def rgb_around(self, margin: int) -> Plane:
        """Return the pixels with `margin` pixels of their surroundings."""
        return self._with_margin(self.base_around + self.ratio_around * self.shared.values, margin)

    def _with_margin(self, plane: Plane, margin: int) -> Plane:
        spare = self.shared.halo - margin
        return plane[..., spare:-spare, spare:-spare] if spare else plane


def padded(image: Image, area: tuple[slice, slice], halo: int) -> NDArray[Any]:
    """Return (3, R + 2 halo, C + 2 halo): the levels of a tile; beyond the edge of the image its edge pixels are repeated."""
    inside, margins = [], []
    for span, size in zip(area, image.shape[:2], strict=True):
        first, last = max(span.start - halo, 0), min(span.stop + halo, size)
        inside.append(slice(first, last))
        margins.append((first - (span.start - halo), span.stop + halo - last))
    pixels = image[inside[0], inside[1]].transpose(2, 0, 1)
    (above, below), (before, after) = margins
    shape = (3, above + pixels.shape[1] + below, before + pixels.shape[2] + after)
    tile = SCRATCH.array("tile", shape, image.dtype)
    np.copyto(tile[:, above : shape[1] - below, before : shape[2] - after], pixels)
    _repeat_edges(tile, above, below)
    _repeat_edges(tile.transpose(0, 2, 1), before, after)
    return tile


def _repeat_edges(tile: NDArray[Any], before: int, after: int) -> None:
    """Fill the first and last rows with the row next to them."""
    if before:
        tile[:, :before] = tile[:, before : before + 1]
    if after:
        tile[:, -after:] = tile[:, -after - 1 : -after]

"""What the layers of a program see of one tile: planes that are computed when a layer first asks for them, then kept."""

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.color import luma
from iea.editor.curves import Steps, balance_table, brightness_table, scale_of, tone_table
from iea.editor.image import Image, Plane, white
from iea.editor.surroundings import Surroundings, brightness
from iea.editor.tool import TINY, Layer


class Source(Protocol):
    """The image of a tile: what all programs share."""

    image: Image
    seed: int

    @property
    def surroundings(self) -> Surroundings: ...


class Places:
    """A tile after the "balance" tools, with a margin of `halo`: what programs with the same ones share.

    low, high : (R, C) ranks of the smallest and the largest channel in the scale
    place : (3, R, C) place of each channel between the two
    """

    def __init__(
        self, source: Source, tile: NDArray[Any], area: tuple[slice, slice], halo: int, balance: Steps
    ) -> None:
        self.source, self.tile, self.area, self.halo, self.balance = source, tile, area, halo, balance
        self.levels = white(source.image) + 1
        self.dtype = np.dtype(np.float32 if self.levels == 256 else np.float64)
        scale = scale_of(balance, self.levels)
        ranks = (
            tile if scale.ranks is None else look_up(scale.ranks, tile, SCRATCH.array("ranks", tile.shape, np.int32))
        )
        self.low, self.high = (SCRATCH.array(name, tile.shape[1:], np.intp) for name in ("low ranks", "high ranks"))
        ends = SCRATCH.array("end", tile.shape[1:], ranks.dtype)
        for fold, out in ((np.minimum, self.low), (np.maximum, self.high)):
            fold(fold(ranks[0], ranks[1], out=ends), ranks[2], out=ends)
            np.copyto(out, ends)
        self.place = self._place(scale.values, balance)

    def _place(self, values: Plane, balance: Steps) -> Plane:
        place = SCRATCH.array("place", self.tile.shape, self.dtype)
        if balance:
            look_up(balance_table(balance, self.levels).astype(self.dtype), self.tile, place)
        else:
            np.multiply(self.tile, self.dtype.type(1 / (self.levels - 1)), out=place)
        values = values.astype(self.dtype)
        low, high = (np.take(values, ranks, mode="clip") for ranks in (self.low, self.high))
        place -= low
        place /= np.maximum(high - low, self.dtype.type(TINY))
        return place

    @cached_property
    def place_luma(self) -> Plane:
        """Luma of `place`."""
        return luma(self.place)

    @cached_property
    def place_square(self) -> Plane:
        """Luma of the squares of `place`."""
        return luma(self.place * self.place)

    def inner(self, plane: Plane) -> Plane:
        """Cut the margin off."""
        halo = self.halo
        return plane[..., halo : plane.shape[-2] - halo, halo : plane.shape[-1] - halo] if halo else plane

    @cached_property
    def own(self) -> NDArray[np.int64]:
        """Brightness of the tile, without margin, in steps of the surroundings."""
        return brightness(self.inner(self.tile), self.tile.dtype)

    @cached_property
    def around(self) -> NDArray[np.intp]:
        """Brightness of the surroundings of every pixel."""
        return self.source.surroundings.at(*self.area, self.own, self.dtype)


class TileView:
    """A `View` of a tile after the "curve" tools."""

    def __init__(self, shared: Places, tone: Steps) -> None:
        self.shared, self.tone = shared, tone
        rows, columns = shared.area
        self.top, self.left, self.seed = rows.start, columns.start, shared.source.seed
        self.height, self.width = shared.source.image.shape[:2]
        self.planes: dict[Layer, Any] = {}
        table = tone_table(tone, shared.balance, shared.levels).astype(shared.dtype)
        shape = shared.low.shape
        self.low_around, self.high_around, self.span_around = (
            SCRATCH.array(name, shape, shared.dtype) for name in ("low", "high", "span")
        )
        np.take(table, shared.low, out=self.low_around, mode="clip")
        np.take(table, shared.high, out=self.high_around, mode="clip")
        np.subtract(self.high_around, self.low_around, out=self.span_around)
        self.low, self.high, self.span = map(shared.inner, (self.low_around, self.high_around, self.span_around))
        self.place = shared.inner(shared.place)

    def plane(self, layer: Layer) -> Any:
        """Return the plane of a layer."""
        if layer not in self.planes:
            self.planes[layer] = layer.of(self)
        return self.planes[layer]

    @cached_property
    def _luma_around(self) -> Plane:
        plane = SCRATCH.array("luma", self.low_around.shape, self.shared.dtype)
        np.multiply(self.span_around, self.shared.place_luma, out=plane)
        plane += self.low_around
        return plane

    @property
    def luma(self) -> Plane:
        """(R, C)."""
        return self.shared.inner(self._luma_around)

    @cached_property
    def gray(self) -> Plane:
        """The gray of the luminance of each pixel, as `iea.editor.color.gray_of`: luma(x^2) with x = low + span place."""
        inner, low, span = self.shared.inner, self.low, self.span
        plane = SCRATCH.array("gray", low.shape, self.shared.dtype)
        np.multiply(span, inner(self.shared.place_square), out=plane)
        plane += 2 * low * inner(self.shared.place_luma)
        plane *= span
        plane += low * low
        return np.sqrt(plane, out=plane)

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
        return self._with_margin(self.low_around + self.span_around * self.shared.place, margin)

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


def look_up(table: NDArray[Any], tile: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
    """Set `out[c] = table[c][tile[c]]`; "clip" skips numpy's check of every index."""
    index = SCRATCH.array("index", tile.shape[1:], np.intp)  # in the type that is fastest in np.take
    for channel in range(3):
        np.copyto(index, tile[channel])
        np.take(table[channel % len(table)], index, out=out[channel], mode="clip")
    return out

"""Cut tiles out of an image, with a margin, and look levels up in tables."""

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.image import Image, Plane
from iea.editor.surroundings import Surroundings, brightness


class Source(Protocol):
    """The image of a tile: what all programs share."""

    image: Image
    seed: int

    @property
    def surroundings(self) -> Surroundings: ...


class Tile:
    """The levels of a tile with a margin of `halo`, (3, R, C), and what all programs share."""

    def __init__(self, source: Source, area: tuple[slice, slice], halo: int) -> None:
        self.source, self.area, self.halo = source, area, halo
        self.levels = padded(source.image, area, halo)

    def inner(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Cut the margin off."""
        halo = self.halo
        return plane[..., halo : plane.shape[-2] - halo, halo : plane.shape[-1] - halo] if halo else plane

    @cached_property
    def own(self) -> NDArray[np.intp]:
        """Brightness without margin, in steps of the surroundings."""
        return self._measured[0]

    @cached_property
    def around(self) -> NDArray[np.intp]:
        """Brightness of the surroundings of every pixel."""
        return self._measured[1]

    @cached_property
    def _measured(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        own = brightness(self.inner(self.levels))
        around = self.source.surroundings.at(*self.area, own)
        return to_index(own, np.empty(own.shape, np.intp)), to_index(around, np.empty(own.shape, np.intp))


def to_index(plane: Plane, out: NDArray[np.intp]) -> NDArray[np.intp]:
    """Cut fractions off; in two steps, twice as fast as at once."""
    whole = SCRATCH.array("whole", plane.shape, np.uint16)
    np.copyto(whole, plane, casting="unsafe")
    np.copyto(out, whole)
    return out


def look_up(table: NDArray[Any], levels: NDArray[Any], out: NDArray[Any]) -> None:
    """Set every channel of `out` to the entries of its row of a table, or of the only row, at `levels`."""
    indices = SCRATCH.array("indices", levels.shape[1:], np.intp)  # the type that is fastest in np.take
    for channel, plane in enumerate(levels):
        np.copyto(indices, plane)
        np.take(
            table[channel % len(table)], indices, out=out[channel], mode="clip"
        )  # without numpy's check of every index


def padded(image: Image, area: tuple[slice, slice], halo: int) -> NDArray[Any]:
    """Return (3, R + 2 halo, C + 2 halo): the levels of a tile; beyond the edge of the image its edge pixels are repeated.

    Without a halo, a view of the image.
    """
    if not halo:
        return image[area].transpose(2, 0, 1)
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

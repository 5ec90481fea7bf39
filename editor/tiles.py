"""Apply many programs to one image in one pass, tile by tile, planar, in float32: the fast path.

Programs that share their curves share the look-up, the luma and the planes of all layers. Layers do not process
the three channels one by one; for any layers the pixel is

    scale * pixel + gray * luma + light

where each of the three is a number or a plane (`iea.editor.blend`): two passes over the channels for any program.
16-bit images take the same path in float64: float32 is too coarse for 65536 levels and fractions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.blend import blend
from iea.editor.buffers import SCRATCH
from iea.editor.color import LUMA
from iea.editor.curves import Steps, curve_table
from iea.editor.image import Image, Plane, white
from iea.editor.program import Program
from iea.editor.sums import ROUND, TILE_PX
from iea.editor.tool import Layer, View
from iea.editor.tools import TOOLS

Area: TypeAlias = tuple[slice, slice]
"""Rows and columns of an image."""

TILE_COLUMNS = 256  # of tiles with a margin around them: squarer tiles have less margin, wider ones longer loops


@dataclass(frozen=True)
class Plan:
    """A compiled program: curve steps and weighted layers, without the tools at 0."""

    curves: Steps
    layers: tuple[tuple[Layer, float], ...]

    @classmethod
    def of(cls, program: Program) -> "Plan":
        """Compile a program."""
        steps = [(TOOLS[name], value) for name, value in program.items() if value]
        return cls(
            tuple((tool.name, value) for tool, value in steps if tool.curve),
            tuple((tool.layer, tool.layer.amount(value / 100)) for tool, value in steps if tool.layer),
        )

    def halo(self, height: int, width: int) -> int:
        """Return the margin that the layers need around a tile, px."""
        return max((layer.halo(height, width) for layer, _ in self.layers), default=0)


@dataclass(frozen=True)
class Group:
    """Plans that share their curves: (number, plan) pairs, the table of the curves, all layers and their margin.

    `table` is (3, levels) in [0, 1], in the float type of the computation; `rounded` the same in levels.
    """

    members: tuple[tuple[int, Plan], ...]
    table: Plane
    rounded: NDArray[Any]
    layers: tuple[Layer, ...]
    halo: int


def _groups(image: Image, plans: Sequence[Plan]) -> list[Group]:
    """Group the plans by their curves, and compute everything that does not depend on the tile."""
    height, width = image.shape[:2]
    top, dtype = white(image), np.float32 if image.dtype == np.uint8 else np.float64
    sharing: dict[Steps, list[tuple[int, Plan]]] = {}
    for number, plan in enumerate(plans):
        sharing.setdefault(plan.curves, []).append((number, plan))
    groups = []
    for curves, members in sharing.items():
        table = np.broadcast_to(curve_table(curves, top + 1), (3, top + 1))
        rounded = (table * top + ROUND).astype(image.dtype)
        layers = tuple({layer: None for _, plan in members for layer, _ in plan.layers})
        halo = max(plan.halo(height, width) for _, plan in members)
        groups.append(Group(tuple(members), table.astype(dtype), rounded, layers, halo))
    return groups


def develop(image: Image, plans: Sequence[Plan], seed: int) -> Iterator[tuple[int, Area, NDArray[Any]]]:
    """Yield (index of the plan, rows and columns, levels) for every plan and tile, tile by tile.

    `levels` is (3, R, C) in the image's dtype and is overwritten by the next step of the iteration.
    """
    height, width = image.shape[:2]
    groups = _groups(image, plans)
    halo = max((group.halo for group in groups), default=0)
    for area in areas(height, width, TILE_COLUMNS if halo else TILE_PX):
        index = _index(image, area, halo)
        for group in groups:
            spare = halo - group.halo
            inner = index[:, spare : index.shape[1] - spare, spare : index.shape[2] - spare]
            for number, levels in _developed(image, area, inner, group, seed):
                yield number, area, levels


def areas(height: int, width: int, columns: int) -> Iterator[Area]:
    """Cover an image with rectangles of about TILE_PX pixels, at most `columns` wide."""
    columns = min(columns, width)
    rows = TILE_PX // columns
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield slice(top, min(top + rows, height)), slice(left, min(left + columns, width))


def _index(image: Image, area: Area, halo: int) -> NDArray[np.intp]:
    """Return (3, R + 2 halo, C + 2 halo): the levels of a tile, in the index type that is fastest in np.take."""
    inside, margins = [], []
    for span, size in zip(area, image.shape[:2], strict=True):
        first, last = max(span.start - halo, 0), min(span.stop + halo, size)
        inside.append(slice(first, last))
        margins.append((first - (span.start - halo), span.stop + halo - last))
    pixels = image[inside[0], inside[1]].transpose(2, 0, 1)
    (above, below), (before, after) = margins
    shape = (3, above + pixels.shape[1] + below, before + pixels.shape[2] + after)
    index = SCRATCH.array("index", shape, np.intp)
    core = index[:, above : shape[1] - below, before : shape[2] - after]
    np.copyto(core, pixels)
    _repeat_edges(index, above, below)
    _repeat_edges(index.transpose(0, 2, 1), before, after)
    return index


def _repeat_edges(index: NDArray[np.intp], before: int, after: int) -> None:
    """Fill the first and last rows with the row next to them."""
    if before:
        index[:, :before] = index[:, before : before + 1]
    if after:
        index[:, -after:] = index[:, -after - 1 : -after]


def _developed(
    image: Image, area: Area, index: NDArray[np.intp], group: Group, seed: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield (plan's number, levels) of one tile for every plan of a group."""
    rows, columns = (span.stop - span.start for span in area)
    levels = SCRATCH.array("levels", (3, rows, columns), image.dtype)
    if group.layers:
        view = _view(image, area, index, group, seed)
        planes = {layer: layer.of(view) for layer in group.layers}
    bare = index[:, group.halo : group.halo + rows, group.halo : group.halo + columns]
    for number, plan in group.members:
        if plan.layers:
            blend(plan.layers, planes, white(image)).write(view, levels)
        else:
            _look_up(group.rounded, bare, levels)
        yield number, levels


def _look_up(table: NDArray[Any], index: NDArray[np.intp], out: NDArray[Any]) -> None:
    """Set `out[c] = table[c][index[c]]`; "clip" skips numpy's check of every index."""
    for channel in range(3):
        np.take(table[channel], index[channel], out=out[channel], mode="clip")


def _view(image: Image, area: Area, index: NDArray[np.intp], group: Group, seed: int) -> View:
    """Apply the curves to a tile and compute its luma."""
    dtype, halo = group.table.dtype, group.halo
    rgb = SCRATCH.array("rgb", index.shape, dtype)
    _look_up(group.table, index, rgb)
    luma = SCRATCH.array("luma", index.shape[1:], dtype)
    np.matmul(np.array([LUMA], dtype), rgb.reshape(3, -1), out=luma.reshape(1, -1))
    inner = slice(halo, luma.shape[0] - halo), slice(halo, luma.shape[1] - halo)
    rows, columns = area
    height, width = image.shape[:2]
    return View(rgb[:, inner[0], inner[1]], luma[inner], luma, rows.start, columns.start, height, width, seed)

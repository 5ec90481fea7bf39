"""The fast path: many edits of one picture in one pass, tile by tile, planar, in float32.

Programs that share their curves share the look-up, the luma and the planes of all layers. Layers never touch the
three channels one by one: they gather into one `light` plane and one `factor`, and the pixel is

    factor * chroma + light     if a layer changes the chroma (chroma = pixel - luma; light starts as the luma)
    factor * pixel + light      otherwise                                         (light starts as nothing)

16-bit pictures take the same path in float64: float32 cannot tell 65536 levels and fractions apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.color import LUMA
from iea.editor.curves import Steps, curve_table
from iea.editor.image import Image, Plane, white
from iea.editor.program import Program
from iea.editor.reference import ROUND
from iea.editor.scratch import SCRATCH
from iea.editor.sums import TILE_PX
from iea.editor.tool import Layer, View
from iea.editor.tools import TOOLS

Area: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""

TILE_COLUMNS = (
    256  # of tiles with a margin around them: squarer tiles have less margin, wider ones longer loops
)


@dataclass(frozen=True)
class Plan:
    """A program taken apart: its curves, and its layers with their weights. Values of 0 are gone."""

    curves: Steps
    layers: tuple[tuple[Layer, float], ...]

    @classmethod
    def of(cls, program: Program) -> "Plan":
        """Sort the tools of a program by what they are."""
        steps = [(TOOLS[name], value) for name, value in program.items() if value]
        return cls(
            tuple((tool.name, value) for tool, value in steps if tool.curve),
            tuple((tool.layer, tool.layer.amount(value / 100)) for tool, value in steps if tool.layer),
        )

    @property
    def coloured(self) -> bool:
        """Whether a layer changes the chroma."""
        return any(layer.effect == "chroma" for layer, _ in self.layers)

    def halo(self, height: int, width: int) -> int:
        """The margin that the layers need around a tile."""
        return max((layer.halo(height, width) for layer, _ in self.layers), default=0)


def develop(image: Image, plans: Sequence[Plan], seed: int) -> Iterator[tuple[int, Area, NDArray[Any]]]:
    """Yield (plan's index, rows and columns, levels) for every plan and tile, all plans of a tile together.

    `levels` is (3, R, C) in the image's dtype and is overwritten by the next step of the iteration.
    """
    height, width = image.shape[:2]
    groups: dict[Steps, list[int]] = {}
    for number, plan in enumerate(plans):
        groups.setdefault(plan.curves, []).append(number)
    halo = max((plan.halo(height, width) for plan in plans), default=0)
    for area in areas(height, width, TILE_COLUMNS if halo else TILE_PX):
        index = _index(image, area, halo)
        for curves, numbers in groups.items():
            members = [plans[number] for number in numbers]
            tiles = _group(image, area, index, curves, members, seed)
            for number, levels in zip(numbers, tiles, strict=True):
                yield number, area, levels


def areas(height: int, width: int, columns: int) -> Iterator[Area]:
    """Cover a picture with rectangles of about TILE_PX pixels, at most `columns` wide."""
    columns = min(columns, width)
    rows = TILE_PX // columns
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield slice(top, min(top + rows, height)), slice(left, min(left + columns, width))


def _index(image: Image, area: Area, halo: int) -> NDArray[np.intp]:
    """(3, R + 2 halo, C + 2 halo): where each value lies in a flattened (3, levels) table."""
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
    core += (white(image) + 1) * np.arange(3)[:, None, None]
    _repeat_edges(index, above, below)
    _repeat_edges(index.transpose(0, 2, 1), before, after)
    return index


def _repeat_edges(index: NDArray[np.intp], before: int, after: int) -> None:
    """Fill the first and last rows with the row next to them."""
    if before:
        index[:, :before] = index[:, before : before + 1]
    if after:
        index[:, -after:] = index[:, -after - 1 : -after]


def _group(
    image: Image, area: Area, index: NDArray[np.intp], curves: Steps, plans: Sequence[Plan], seed: int
) -> Iterator[NDArray[Any]]:
    """Levels of one tile for plans that share their curves."""
    top = white(image)
    table = np.broadcast_to(curve_table(curves, top + 1), (3, top + 1))
    rows, columns = (span.stop - span.start for span in area)
    levels = SCRATCH.array("levels", (3, rows, columns), image.dtype)
    if any(plan.layers for plan in plans):
        view = _view(image, table, index, area, seed)
        planes = {layer: layer.plane(view) for layer in {layer for plan in plans for layer, _ in plan.layers}}
        chroma = SCRATCH.array("chroma", view.rgb.shape, view.rgb.dtype)
        if any(plan.coloured for plan in plans):
            np.subtract(view.rgb, view.luma, out=chroma)
    for plan in plans:
        if plan.coloured:
            _blend(plan.layers, chroma, view.luma, planes, levels)
        elif plan.layers:
            _blend(plan.layers, view.rgb, None, planes, levels)
        else:
            halo = (index.shape[1] - rows) // 2
            rounded = (table * top + ROUND).astype(image.dtype)
            np.take(rounded, index[:, halo : halo + rows, halo : halo + columns], out=levels, mode="clip")
        yield levels


def _view(image: Image, table: Plane, index: NDArray[np.intp], area: Area, seed: int) -> View:
    """Look the tile up in the curves and compute its luma."""
    dtype = np.float32 if image.dtype == np.uint8 else np.float64
    rgb = SCRATCH.array("rgb", index.shape, dtype)
    np.take(table.astype(dtype), index, out=rgb, mode="clip")
    luma = SCRATCH.array("luma", index.shape[1:], dtype)
    np.matmul(np.array([LUMA], dtype), rgb.reshape(3, -1), out=luma.reshape(1, -1))
    rows, columns = area
    halo = (luma.shape[0] - (rows.stop - rows.start)) // 2
    inner = slice(halo, luma.shape[0] - halo), slice(halo, luma.shape[1] - halo)
    height, width = image.shape[:2]
    return View(rgb[:, inner[0], inner[1]], luma[inner], luma, rows.start, columns.start, height, width, seed)


def _blend(
    layers: Sequence[tuple[Layer, float]],
    base: Plane,
    light: Plane | float | None,
    planes: Mapping[Layer, Plane | float],
    levels: NDArray[Any],
) -> None:
    """Gather the layers into factor and light, form the pixels, clip and round them, once, into `levels`.

    Factor and light are in levels, not in [0, 1], so that the three channels need no scaling of their own.
    """
    top = white(levels)
    factor: Plane | float = float(top)
    if light is not None:
        light = light * top
    for layer, amount in layers:
        if layer.effect == "add":
            term = (amount * top) * planes[layer]
            light = term if light is None else light + term
            continue
        gain = 1 + amount * planes[layer]
        factor = factor * gain
        if layer.effect == "scale" and light is not None:
            light = light * gain
    pixels = SCRATCH.array("pixels", levels.shape, base.dtype)
    np.multiply(base, factor, out=pixels)
    np.add(pixels, ROUND if light is None else light + ROUND, out=pixels)
    np.clip(pixels, 0, top + ROUND, out=pixels)
    np.copyto(levels, pixels, casting="unsafe")

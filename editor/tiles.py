"""The fast path: many edits of one picture in one pass, tile by tile, planar, in float32.

Programs that share their curves share the look-up, the luma and the planes of all layers. Layers never touch the
three channels one by one: they gather into one `light` plane and one `factor`, and the pixel is

    factor * chroma + light     if a layer changes the chroma (chroma = pixel - luma; light starts as the luma)
    factor * pixel + light      otherwise                                         (light starts as 0)

16-bit pictures take the same path in float64: float32 cannot tell 65536 levels and fractions apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.editor.color import LUMA
from iea.editor.curves import Steps, curve_table
from iea.editor.image import Image, Plane, white
from iea.editor.reference import ROUND
from iea.editor.scratch import SCRATCH
from iea.editor.sums import TILE_PX
from iea.editor.tool import Tool, View
from iea.editor.tools import TOOLS


@dataclass(frozen=True)
class Plan:
    """A program taken apart: its curves, and its layers with their weights. Values of 0 are gone."""

    curves: Steps
    layers: tuple[tuple[Tool, float], ...]

    @classmethod
    def of(cls, program: Mapping[str, int]) -> "Plan":
        steps = [(TOOLS[name], value) for name, value in program.items() if value]
        return cls(
            tuple((tool.name, value) for tool, value in steps if tool.curve),
            tuple((tool, tool.layer.amount(value / 100)) for tool, value in steps if tool.layer),
        )


def develop(image: Image, plans: Sequence[Plan], seed: int) -> Iterator[tuple[int, slice, NDArray[Any]]]:
    """Yield (plan's index, rows, levels) for every plan and tile; `levels` is (3, R, W) in the image's dtype.

    `levels` is overwritten by the next step of the iteration.
    """
    height, width = image.shape[:2]
    groups: dict[Steps, list[int]] = {}
    for number, plan in enumerate(plans):
        groups.setdefault(plan.curves, []).append(number)
    halo = max((_halo(plan, height, width) for plan in plans), default=0)
    rows = max(1, TILE_PX // width)
    for top in range(0, height, rows):
        tile = slice(top, min(top + rows, height))
        index = _index(image, tile, halo)
        for curves, numbers in groups.items():
            members = [plans[number] for number in numbers]
            for number, levels in zip(
                numbers, _group(image, tile, index, curves, members, seed), strict=True
            ):
                yield number, tile, levels


def _halo(plan: Plan, height: int, width: int) -> int:
    return max((tool.layer.halo(height, width) for tool, _ in plan.layers if tool.layer), default=0)


def _index(image: Image, tile: slice, halo: int) -> NDArray[np.intp]:
    """(3, R + 2 halo, W): where each value lies in a flattened (3, levels) table."""
    height, width = image.shape[:2]
    if halo:
        image = image[np.clip(np.arange(tile.start - halo, tile.stop + halo), 0, height - 1)]
    else:
        image = image[tile]
    index = SCRATCH.array("index", (3, len(image), width), np.intp)
    np.copyto(index, image.transpose(2, 0, 1))
    index[1] += white(image) + 1
    index[2] += 2 * (white(image) + 1)
    return index


def _group(
    image: Image, tile: slice, index: NDArray[np.intp], curves: Steps, plans: Sequence[Plan], seed: int
) -> Iterator[NDArray[Any]]:
    """Levels of one tile for plans that share their curves."""
    top = white(image)
    table = np.ascontiguousarray(np.broadcast_to(curve_table(curves, top + 1), (3, top + 1)))
    count = tile.stop - tile.start
    halo = (index.shape[1] - count) // 2
    levels = SCRATCH.array("levels", (3, count, index.shape[2]), image.dtype)
    if any(plan.layers for plan in plans):
        view = _view(image, table, index, tile, halo, seed)
        tools = {tool.name: tool for plan in plans for tool, _ in plan.layers}
        planes = {name: tool.layer.plane(view) for name, tool in tools.items() if tool.layer}
        chroma = SCRATCH.array("chroma", view.rgb.shape, view.rgb.dtype)
        np.subtract(view.rgb, view.luma, out=chroma)
    for plan in plans:
        if plan.layers:
            _blend(plan, view, chroma, planes, top, levels)
        else:
            rounded = (table * top + ROUND).astype(image.dtype)
            np.take(rounded, index[:, halo : halo + count], out=levels, mode="clip")
        yield levels


def _view(image: Image, table: Plane, index: NDArray[np.intp], tile: slice, halo: int, seed: int) -> View:
    """Look the tile up in the curves and compute its luma."""
    dtype = np.float32 if image.dtype == np.uint8 else np.float64
    rgb = SCRATCH.array("rgb", index.shape, dtype)
    np.take(table.astype(dtype), index, out=rgb, mode="clip")
    luma = SCRATCH.array("luma", index.shape[1:], dtype)
    np.matmul(np.array([LUMA], dtype), rgb.reshape(3, -1), out=luma.reshape(1, -1))
    inner = slice(halo, halo + tile.stop - tile.start)
    return View(rgb[:, inner], luma[inner], luma, tile.start, image.shape[0], image.shape[1], seed)


def _blend(
    plan: Plan, view: View, chroma: Plane, planes: Mapping[str, Plane | float], top: int, levels: NDArray[Any]
) -> None:
    """Gather the plan's layers, form the pixels, clip and round them, once, into `levels`."""
    coloured = any(tool.layer and tool.layer.effect == "chroma" for tool, _ in plan.layers)
    light: Plane | float = view.luma if coloured else 0.0
    factor: Plane | float = 1.0
    for tool, amount in plan.layers:
        assert tool.layer is not None
        term = amount * planes[tool.name]
        if tool.layer.effect == "add":
            light = light + term
            continue
        gain = 1 + term
        factor = factor * gain
        if tool.layer.effect == "scale":
            light = light * gain
    pixels = SCRATCH.array("pixels", levels.shape, view.rgb.dtype)
    np.multiply(chroma if coloured else view.rgb, factor * top, out=pixels)
    np.add(pixels, light * top + ROUND, out=pixels)
    np.clip(pixels, 0, top + ROUND, out=pixels)
    np.copyto(levels, pixels, casting="unsafe")

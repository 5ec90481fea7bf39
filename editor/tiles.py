"""Apply many programs to one image in one pass, tile by tile, planar, in float32: the fast path.

"Curve" tools act on the largest and the smallest channel alone: a pixel is ratio * values + base, where the values are the same for all
programs with the same "balance" tools, and ratio and base have one channel. Layers do not process the three channels one by
one; for any layers the pixel is

    scale * pixel + gray * its gray + light

where each of the three is a number or a plane (`iea.editor.blend`), so for any program

    (scale * ratio) * values + (scale * base + gray * its gray + light)

two passes over the channels. 16-bit images take the same path in float64: float32 is too coarse for 65536 levels and fractions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.blend import blend
from iea.editor.buffers import SCRATCH
from iea.editor.curves import Steps, levels_table
from iea.editor.image import Image, white
from iea.editor.program import Program
from iea.editor.sums import ROUND, TILE_PX
from iea.editor.surroundings import Surroundings
from iea.editor.tile import Tile, look_up
from iea.editor.tile_view import Balanced, TileView
from iea.editor.tool import Layer
from iea.editor.tools import TOOLS

Area: TypeAlias = tuple[slice, slice]
"""Rows and columns of an image."""

TILE_COLUMNS = 512  # of tiles with a margin around them: squarer tiles have less margin, wider ones longer loops


@dataclass(frozen=True)
class Plan:
    """A compiled program: steps of both kinds of curves and weighted layers, color first, without the tools at 0."""

    balance: Steps
    tone: Steps
    layers: tuple[tuple[Layer, float], ...]

    @classmethod
    def of(cls, program: Program) -> "Plan":
        """Compile a program."""
        steps = [(TOOLS[name], value) for name, value in program.items() if value]
        balance, tone = (
            tuple((tool.name, value) for tool, value in steps if tool.kind == kind) for kind in ("balance", "curve")
        )
        kinds = ("color", "spatial")
        return cls(balance, tone, tuple(t.weighted(value) for kind in kinds for t, value in steps if t.kind == kind))

    @property
    def bare(self) -> bool:
        """True if the result is one table per channel."""
        return not self.tone and not self.layers

    def halo(self, height: int, width: int) -> int:
        """Return the margin that the layers need around a tile, px."""
        return max((layer.halo(height, width) for layer, _ in self.layers), default=0)


class Job:
    """Programs for one image, grouped by what they share."""

    def __init__(self, image: Image, plans: Sequence[Plan], seed: int) -> None:
        self.image, self.plans, self.seed = image, plans, seed
        self.halo = max((plan.halo(*image.shape[:2]) for plan in plans), default=0)
        self.balances: dict[Steps, dict[Steps, list[int]]] = {}
        for number, plan in enumerate(plans):
            self.balances.setdefault(plan.balance, {}).setdefault(plan.tone, []).append(number)

    @cached_property
    def surroundings(self) -> Surroundings:
        """Measured once, if a layer asks for them."""
        return Surroundings.of(self.image)

    def areas(self, tiles: int = 1) -> Iterator[Area]:
        """Cover the image with rectangles of about `tiles` * TILE_PX pixels, larger ones if their margin is wide."""
        height, width = self.image.shape[:2]
        size = tiles * TILE_PX
        columns = min(max(tiles * TILE_COLUMNS, 8 * self.halo) if self.halo else size, width)
        rows = max(size // columns, 4 * self.halo)
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                yield slice(top, min(top + rows, height)), slice(left, min(left + columns, width))

    def developed(self, area: Area, levels: NDArray[Any]) -> Iterator[int]:
        """Write one tile for every plan into `levels`, (3, R, C) in the image's dtype; yield the index of the plan after each."""
        tile = Tile(self, area, self.halo)
        for balance, tones in self.balances.items():
            shared = None
            for tone, numbers in tones.items():
                view = None
                for number in numbers:
                    plan = self.plans[number]
                    if plan.bare:
                        look_up(levels_table(balance, self.image.dtype), tile.inner(tile.levels), levels)
                    else:
                        shared = shared or Balanced(tile, balance)
                        view = view or TileView(shared, tone)
                        write(plan, view, levels)
                    yield number


def write(plan: Plan, view: TileView, levels: NDArray[Any]) -> None:
    """Compute the pixels of a tile, clip and round them once, into `levels` (3, R, C)."""
    top, work = white(levels), view.ratio.dtype
    factor, light = view.ratio, view.base
    if plan.layers:
        mix = blend(plan.layers, {layer: view.plane(layer) for layer, _ in plan.layers}, view)
        factor = np.multiply(factor, mix.scale, out=SCRATCH.array("factor", factor.shape, work))
        light = light * mix.scale
        if mix.colored:
            light += mix.gray * view.gray
        if not isinstance(mix.light, float):
            light = light + mix.light
    offset = np.multiply(light, top, out=SCRATCH.array("offset", np.shape(light), work))
    offset += ROUND
    pixels = SCRATCH.array("work", factor.shape, work)  # one plane: it stays in the cache
    values = view.shared.inner(view.shared.values)
    for channel, plane in enumerate(values):
        np.multiply(plane, factor, out=pixels)
        pixels += offset if offset.ndim == 2 else offset[channel]
        if plan.layers:
            pixels.clip(0, top + ROUND, out=pixels)  # the function of that name takes twice as long
        np.copyto(levels[channel], pixels, casting="unsafe")

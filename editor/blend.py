"""Combine all layers of a program into one linear mix of a pixel, its luma and light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.editor.buffers import SCRATCH
from iea.editor.image import Plane, white
from iea.editor.sums import ROUND
from iea.editor.tool import Layer, View

Weight: TypeAlias = Plane | float
"""One number for all pixels, or (R, C)."""


@dataclass(frozen=True)
class Blend:
    """Result of layers on a pixel in [0, 1] and its luma, in levels: scale * pixel + gray * luma + light."""

    scale: Weight
    gray: Weight = 0.0
    light: Weight = 0.0

    def then(self, effect: str, amount: float, plane: Weight, top: int) -> "Blend":
        """Return this mix followed by one more layer.

        The luma of a mix is (scale + gray) luma + light, since the luma of a gray is that gray. So a chroma layer adds to
        the weight of the luma the amount by which it reduces the weight of the pixel.
        """
        if effect == "add":
            return Blend(self.scale, self.gray, self.light + (amount * top) * plane)
        gain = 1 + amount * plane
        if effect == "chroma":
            return Blend(self.scale * gain, self.gray + self.scale * (1 - gain), self.light)
        return Blend(self.scale * gain, self.gray * gain, self.light * gain)

    def write(self, view: View, levels: NDArray[Any]) -> None:
        """Compute the pixels of a tile, clip and round them once, into `levels` (3, R, C)."""
        pixels = SCRATCH.array("work", levels.shape, view.rgb.dtype)
        np.multiply(view.rgb, self.scale, out=pixels)
        np.add(pixels, self.gray * view.luma + (self.light + ROUND), out=pixels)
        np.clip(pixels, 0, white(levels) + ROUND, out=pixels)
        np.copyto(levels, pixels, casting="unsafe")


def blend(layers: Sequence[tuple[Layer, float]], planes: Mapping[Layer, Weight], top: int) -> Blend:
    """Return the mix of `layers` with their amounts, in order, for images whose white is level `top`."""
    mix = Blend(float(top))
    for layer, amount in layers:
        mix = mix.then(layer.effect, amount, planes[layer], top)
    return mix

"""Combine all layers of a program into one linear mix of a pixel, its gray and light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from typing import Any, Protocol, TypeAlias

import numpy as np

from iea.editor.color import luma
from iea.editor.image import Plane
from iea.editor.tool import Layer, View, grain_weight

Weight: TypeAlias = Any
"""One number for all pixels, or (R, C); light may have three channels, (3, R, C)."""


class Shaded(View, Protocol):
    """A view that also has the gray of every pixel, and how near its colors are to the gamut."""

    @property
    def gray(self) -> Plane: ...
    @property
    def crowding(self) -> Plane: ...


@dataclass(frozen=True)
class Blend:
    """Result of layers on a pixel in [0, 1] and its gray: scale * pixel + gray * its gray + light."""

    scale: Weight = 1.0
    gray: Weight = 0.0
    light: Weight = 0.0

    def then(self, effect: str, plane: Weight, view: Shaded) -> "Blend":
        """Return this mix followed by one more spatial layer, whose plane is already multiplied by its amount."""
        if effect == "add":
            return replace(self, light=self.light + plane)
        if effect == "grain":
            return replace(self, light=self.light + plane * grain_weight(self._luma(view)))
        gain = 1 + plane
        return Blend(self.scale * gain, self.gray * gain if self.colored else 0.0, self.light * gain)

    @property
    def colored(self) -> bool:
        """True if the gray has a weight."""
        return not (isinstance(self.gray, float) and self.gray == 0)

    def _luma(self, view: Shaded) -> Plane:
        """Return the luma of the mix: the luma of a gray is that gray."""
        light = luma(self.light) if np.ndim(self.light) == 3 else self.light
        mixed: Plane = self.scale * view.luma + light
        return mixed + self.gray * view.gray if self.colored else mixed


def blend(layers: Sequence[tuple[Layer, float]], planes: Mapping[Layer, Weight], view: Shaded) -> Blend:
    """Return the mix of `layers`, color before spatial, with their amounts."""
    gains = [1 + amount * planes[layer] for layer, amount in layers if layer.effect == "chroma"]
    mix = Blend()
    if gains:
        gain = reduce(mul, gains)
        if any(amount > 0 for layer, amount in layers if layer.effect == "chroma"):
            gain = _stop_at_gamut(gain, view)
        mix = Blend(gain, 1 - gain)
    for layer, amount in layers:
        if layer.effect != "chroma":
            mix = mix.then(layer.effect, layer.weigh(planes[layer], amount), view)
    return mix


def _stop_at_gamut(gain: Weight, view: Shaded) -> Weight:
    """Limit a gain as `iea.editor.color.stop_at_gamut`: from the view's crowding, half the time if the gain is one number."""
    more = gain - 1
    if isinstance(more, float):
        return 1 + 1 / np.sqrt(view.crowding + more**-2) if more > 0 else gain
    stopped: Plane = more.clip(0, np.inf)  # a third of the time of np.maximum with a number
    stopped *= stopped
    stopped *= view.crowding
    stopped += 1
    np.sqrt(stopped, out=stopped)
    np.divide(more, stopped, out=stopped)
    stopped += 1
    return stopped

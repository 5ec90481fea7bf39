"""Define a tool: a name, a range of integers, its meaning in words, and one function of the image.

An image goes through four steps, in floats throughout, each with its tools by ascending stage:

1. "balance" tools, each a non-decreasing curve of [0, 1] into [0, 1] per channel;
2. "curve" tools, each one non-decreasing curve of [0, 1] into [0, 1], applied to the largest and the smallest channel of a pixel. The
   middle channel keeps its place between the two, and so the pixel keeps its hue (the tone curve of Adobe's DNG SDK);
3. "color" tools, each multiplying the chroma (the pixel minus the gray of its luminance) by a gain;
4. "spatial" tools, which depend on the position and the surroundings of a pixel.

Steps 3 and 4 are layers: a plane that does not depend on the tool's value, weighted by one number that does.
Every plane is computed from the pixels as the curves left them, so all layers of a program share them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, Protocol, TypeAlias, get_args

import numpy as np

from iea.editor.color import soften
from iea.editor.image import Plane
from iea.editor.plugins import PluginError

Kind: TypeAlias = Literal["balance", "curve", "color", "spatial"]
Effect: TypeAlias = Literal["chroma", "scale", "add", "grain"]

NAME = "[a-z][a-z0-9_]*"
NAME_RULE = "lower-case letters, digits and _, the first a letter"
TINY = 1e-6  # range of the channels below which a pixel counts as gray
GRAIN_ENDS = 0.25  # share of the grain at black and at white
LOWEST, HIGHEST = -100, 100  # of every tool's value: `amount` is value / 100

Curve: TypeAlias = Callable[[Plane, float], Plane]
"""(C, N) floats in [0, 1], amount in [-1, 1] -> floats in [0, 1]. C = 1 (all channels alike) or 3 and the result (1 or 3, N) for
"balance" tools; (1, N) for "curve" tools."""


class View(Protocol):
    """A rectangle of an image after the curves, and its place in the image.

    `high`, `low` and `luma` (R, C) are the largest and smallest channel and the luma, in [0, 1]. `place` (3, R, C) is
    (channel - low) / (high - low) before the "curve" tools, which keep it; 0 in grays. `own` and `around` (R, C) are the
    brightness of the original pixel and of its surroundings (`iea.editor.surroundings`), both after the "curve" tools. The
    rectangle starts at row `top` and column `left` of an image of `height` x `width` pixels.
    """

    top: int
    left: int
    height: int
    width: int
    seed: int

    @property
    def high(self) -> Plane: ...
    @property
    def low(self) -> Plane: ...
    @property
    def luma(self) -> Plane: ...
    @property
    def place(self) -> Plane: ...
    @property
    def own(self) -> Plane: ...
    @property
    def around(self) -> Plane: ...

    def luma_around(self, margin: int) -> Plane:
        """Return (R + 2 margin, C + 2 margin): the luma with its surroundings; the edge pixels of the image are repeated."""
        ...

    def rgb_around(self, margin: int) -> Plane:
        """Return (3, R + 2 margin, C + 2 margin): the pixels with their surroundings."""
        ...


def grain_weight(y: Plane) -> Plane:
    """Return the weight of grain on a luma: 1 at 1/2, GRAIN_ENDS at black and white, a parabola between."""
    y = np.clip(y, 0, 1)
    weight: Plane = GRAIN_ENDS + (4 - 4 * GRAIN_ENDS) * (y - y * y)
    return weight


@dataclass(frozen=True)
class Layer:
    """A term linear in `amount` = `strength` value / 100; `plane` gives (R, C), or is one number for all pixels.

    effect "chroma": pixel = gray + (1 + amount plane) (pixel - gray); the gains of all such layers are multiplied, then
                     limited at the gamut (`iea.editor.color.stop_at_gamut`)
    effect "scale":  pixel = pixel (1 + amount plane)
    effect "add":    pixel = pixel + amount plane; the plane may have three channels, (3, R, C)
    effect "grain":  pixel = pixel + amount plane w, w the `grain_weight` of the luma that previous layers left

    `halo(height, width)` is the margin around the view that the plane needs. With a `limit`, amount times plane is softly kept within
    +-limit (`iea.editor.color.soften`).
    """

    effect: Effect
    plane: Callable[[View], Plane] | float
    strength: float
    halo: Callable[[int, int], int] = lambda height, width: 0
    limit: float | None = None

    def __post_init__(self) -> None:
        if self.effect not in get_args(Effect):
            raise PluginError(f"effect of a layer must be one of {', '.join(get_args(Effect))}, got {self.effect!r}")
        if not (callable(self.plane) or _is_number(self.plane)):
            raise PluginError(f"plane of a layer must be a function or a number, got {self.plane!r}")
        if not _is_number(self.strength):
            raise PluginError(f"strength of a layer must be a number, got {self.strength!r}")
        if self.limit is not None and not (_is_number(self.limit) and self.limit > 0):
            raise PluginError(f"limit of a layer must be a number above 0 or None, got {self.limit!r}")
        if not callable(self.halo):
            raise PluginError(f"halo of a layer must be a function, got {self.halo!r}")

    def weigh(self, plane: Any, amount: float) -> Any:
        """Return amount times plane, within the limit."""
        weighted = amount * plane
        return weighted if self.limit is None else soften(weighted, self.limit)

    def of(self, view: View) -> Plane | float:
        """Return the plane of a view."""
        return self.plane(view) if callable(self.plane) else self.plane


@dataclass(frozen=True)
class Tool:
    """One of the editor's tools.

    `low` and `high` are the range of its integer value; 0 changes nothing. `minus` and `plus` describe the effect of negative
    and positive values (`minus` is "" without negative values); `use` tells when to reach for the tool and how far, in numbers. `stage` is the place of the tool in
    lists, and in the order of application within its kind. `reference` names the source of the formula. "balance" and "curve" tools have `curve`, the others have `layer`, and `below` if another layer serves negative
    values.
    """

    name: str
    low: int
    high: int
    minus: str
    plus: str
    kind: Kind
    stage: int
    reference: str
    curve: Curve | None = None
    layer: Layer | None = None
    below: Layer | None = None
    use: str = ""

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and re.fullmatch(NAME, self.name)):
            raise PluginError(f"the name of a tool must be {NAME_RULE}, got {self.name!r}")
        for field, kind in (
            ("minus", str),
            ("plus", str),
            ("reference", str),
            ("use", str),
            ("stage", int),
            ("low", int),
            ("high", int),
        ):
            value = getattr(self, field)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise PluginError(f"{field} of the tool {self.name!r} must be {kind.__name__}, got {value!r}")
        if self.kind not in get_args(Kind):
            raise PluginError(
                f"kind of the tool {self.name!r} must be one of {', '.join(get_args(Kind))}, got {self.kind!r}"
            )
        if not LOWEST <= self.low <= 0 < self.high <= HIGHEST or (self.minus == "") != (self.low == 0):
            raise PluginError(
                f"the tool {self.name!r} must have low in [{LOWEST}, 0], high in [1, {HIGHEST}], and `minus` words if low < 0, "
                f"got {self.low}, {self.high} and {self.minus!r}"
            )
        if not self.plus:
            raise PluginError(f"the tool {self.name!r} must have `plus` words, got none")
        curved = self.kind in ("balance", "curve")
        fits = (
            callable(self.curve) and self.layer is self.below is None
            if curved
            else isinstance(self.layer, Layer) and not self.curve
        )
        if not fits:
            raise PluginError(
                f"the tool {self.name!r} must have a curve if its kind is 'balance' or 'curve', else a layer, got {self.curve!r} and "
                f"{self.layer!r}"
            )

    def weighted(self, value: int) -> tuple[Layer, float]:
        """Return the layer that serves a value, and its amount."""
        layer = self.below if value < 0 and self.below else self.layer
        assert layer is not None
        return layer, layer.strength * value / 100


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)

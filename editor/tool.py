"""Define a tool: a name, a range of integers, its meaning in words, and one function of the image.

An image goes through three steps, in floats throughout:

1. "curve" tools, one after another, each a non-decreasing curve of [0, 1] into [0, 1] per channel;
2. "color" tools, each multiplying the chroma (the pixel minus its luma) by a gain;
3. "spatial" tools, which depend on the position and the surroundings of a pixel; they act on luminance.

Steps 2 and 3 are layers: a plane that does not depend on the tool's value, weighted by one number that does.
Every plane is computed from the pixels as the curves left them, so all layers of a program share them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeAlias, get_args

from iea.editor.image import Plane
from iea.editor.plugins import PluginError

Kind: TypeAlias = Literal["curve", "color", "spatial"]
Effect: TypeAlias = Literal["chroma", "add", "scale"]

NAME = "[a-z][a-z0-9_]*"
NAME_RULE = "lower-case letters, digits and _, the first a letter"
LOWEST, HIGHEST = -100, 100  # of every tool's value: `amount` is value / 100

Curve: TypeAlias = Callable[[Plane, float], Plane]
"""(C, N) floats in [0, 1], C = 1 (all channels alike) or 3; amount in [-1, 1] -> (1 or 3, N) in [0, 1]."""


@dataclass(frozen=True, eq=False)
class View:
    """A rectangle of an image after the curves, and its place in the image.

    `rgb` (3, R, C) and `luma` (R, C) are floats in [0, 1]. The rectangle starts at row `top` and column `left`
    of an image of `height` x `width` pixels. `padded_luma` has at least as many more rows and columns on every
    side as the layers need; beyond the edge of the image its edge pixels are repeated.
    """

    rgb: Plane
    luma: Plane
    padded_luma: Plane
    top: int
    left: int
    height: int
    width: int
    seed: int

    def luma_around(self, margin: int) -> Plane:
        """Return (R + 2 margin, C + 2 margin): the luma with `margin` pixels of its surroundings."""
        spare = (self.padded_luma.shape[0] - self.luma.shape[0]) // 2 - margin
        return self.padded_luma[spare:-spare, spare:-spare] if spare else self.padded_luma


@dataclass(frozen=True)
class Layer:
    """A term linear in `amount(value / 100)`; `plane` gives (R, C), or is one number for all pixels.

    effect "chroma": pixel = luma + (1 + amount plane) (pixel - luma)
    effect "add":    pixel = pixel + amount plane, alike in all channels
    effect "scale":  pixel = pixel (1 + amount plane)

    `halo(height, width)` is the margin around the view that the plane needs.
    """

    effect: Effect
    plane: Callable[[View], Plane] | float
    amount: Callable[[float], float]
    halo: Callable[[int, int], int] = lambda height, width: 0

    def __post_init__(self) -> None:
        if self.effect not in get_args(Effect):
            raise PluginError(f"effect of a layer must be one of {', '.join(get_args(Effect))}, got {self.effect!r}")
        if not (callable(self.plane) or _is_number(self.plane)):
            raise PluginError(f"plane of a layer must be a function or a number, got {self.plane!r}")
        for field in ("amount", "halo"):
            if not callable(getattr(self, field)):
                raise PluginError(f"{field} of a layer must be a function, got {getattr(self, field)!r}")

    def of(self, view: View) -> Plane | float:
        """Return the plane of a view."""
        return self.plane(view) if callable(self.plane) else self.plane


@dataclass(frozen=True)
class Tool:
    """One of the editor's tools.

    `low` and `high` are the range of its integer value; 0 changes nothing. `minus` and `plus` describe the effect of negative
    and positive values (`minus` is "" without negative values). Tools apply by ascending `stage`. `reference` names the
    source of the formula. A "curve" tool has `curve`, the others have `layer`.
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

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and re.fullmatch(NAME, self.name)):
            raise PluginError(f"the name of a tool must be {NAME_RULE}, got {self.name!r}")
        for field, kind in (
            ("minus", str),
            ("plus", str),
            ("reference", str),
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
        wanted, other = (self.curve, self.layer) if self.kind == "curve" else (self.layer, self.curve)
        if other is not None or not (callable(wanted) if self.kind == "curve" else isinstance(wanted, Layer)):
            raise PluginError(
                f"the tool {self.name!r} must have a curve if its kind is 'curve', else a layer, got {self.curve!r} and "
                f"{self.layer!r}"
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)

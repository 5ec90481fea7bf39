"""Define the cases of the benchmark, with their wanted ratios. A case makes the callables that a round times in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import naive
import numpy as np
import peers
import photographs
import yardstick

from iea.editor import TOOLS, LeaveOneOut, distances, leave_one_out, leave_one_outs, render

Sides = dict[str, Callable[[], object]]
Edits = dict[str, int]

SIDE = 512  # px, the longer side, as in training
ROLLOUTS = 12  # of one pair
POINTWISE = [name for name, tool in TOOLS.items() if tool.kind != "spatial"]
CURVES = [name for name, tool in TOOLS.items() if tool.kind in ("balance", "curve")]
RETOUCH = {"exposure": 20, "contrast": 15, "shadows": 25, "saturation": 20, "temperature": 12}  # the reference's
SINGLE = {"exposure": 30, "contrast": 20, "whites": -30, "saturation": 25, "temperature": 20}
FOUR = {"exposure": 30, "contrast": 20, "saturation": 30, "temperature": 10}
FIVE = FOUR | {"sharpness": 40}


@dataclass(frozen=True)
class Case:
    """A comparison: `sides(round)` makes "ours" and others; `must` and `aim` are bounds of the ratio `over` / `under`."""

    title: str
    sides: Callable[[int], Sides]
    over: str
    under: str
    must: float
    aim: float
    at_least: bool = True


def programs(round_: int, tools: list[str], size: int, count: int = ROLLOUTS) -> list[Edits]:
    """Draw `count` programs of `size` tools each, values in tens from 10 to 80 of either sign."""
    rng = np.random.default_rng([round_, size, len(tools)])
    drawn = []
    for _ in range(count):
        chosen = rng.choice(tools, size, replace=False)
        signs = [1 if TOOLS[name].low == 0 or rng.random() < 0.5 else -1 for name in chosen]
        sizes = 10 * rng.integers(1, 9, size)
        drawn.append({str(n): int(s * v) for n, s, v in zip(chosen, signs, sizes, strict=True)})
    return drawn


def rewards(round_: int, tools: list[str], size: int, count: int = ROLLOUTS) -> Sides:
    """Compute all distances for the rewards of `count` rollouts of one pair; rounds share nothing."""
    original, reference = photographs.pair(round_, SIDE, RETOUCH)
    drawn = programs(round_, tools, size, count)

    def plainly(dtype: type) -> list[list[float]]:
        return [naive.reward(original, reference, edits, dtype) for edits in drawn]

    def ours() -> list[list[float]]:
        return _flat(leave_one_outs(original, reference, drawn), drawn)

    return {"naive64": partial(plainly, np.float64), "naive32": partial(plainly, np.float32), "ours": ours}


def _flat(results: list[LeaveOneOut], drawn: list[Edits]) -> list[list[float]]:
    """Return the distances in the form of naive.reward."""
    return [[r.before, r.after, *(r.without[name] for name in e)] for r, e in zip(results, drawn, strict=True)]


def single(round_: int) -> Sides:
    """Render and measure ROLLOUTS programs of five tools, one by one."""
    original, reference = photographs.pair(round_, SIDE, RETOUCH)
    drawn = programs(round_, list(TOOLS), 5)
    return {
        "naive64": lambda: [naive.measured(original, reference, edits, np.float64) for edits in drawn],
        "ours": lambda: [distances(original, reference, [edits])[0] for edits in drawn],
    }


def apart(round_: int) -> Sides:
    """Compute the rewards of ROLLOUTS programs of five tools, one after another."""
    original, reference = photographs.pair(round_, SIDE, RETOUCH)
    drawn = programs(round_, list(TOOLS), 5)

    def ours() -> list[list[float]]:
        return _flat([leave_one_out(original, reference, edits) for edits in drawn], drawn)

    return {"naive64": lambda: [naive.reward(original, reference, edits, np.float64) for edits in drawn], "ours": ours}


def sweep(round_: int) -> Sides:
    """Measure a search's first sweep: a start with each tool at 15 values. The naive side does every tenth."""
    original, reference = photographs.pair(round_, SIDE, RETOUCH)
    start = programs(round_, list(TOOLS), 3, 1)[0]
    drawn = [start | {name: value} for name, tool in TOOLS.items() for value in _values(tool.low)]

    def plainly(every: int) -> list[float]:
        return [naive.measured(original, reference, edits, np.float64) for edits in drawn[::every]]

    return {"naive64 / 10": partial(plainly, 10), "ours": lambda: distances(original, reference, drawn)}


def _values(low: int) -> list[int]:
    return [round(v) for v in np.linspace(low or 5, 100, 15)]


def fused(round_: int) -> Sides:
    """Render and measure one program of five tools on a megapixel."""
    original = photographs.mosaic(1000, 1000)
    reference = render(original, RETOUCH)
    return {
        "C": partial(yardstick.measured, original, reference, SINGLE),
        "ours": lambda: distances(original, reference, [SINGLE])[0],
    }


def images(round_: int, height: int, width: int, edits: Mapping[str, int], names: list[str]) -> Sides:
    """Render an image to an image."""
    image = photographs.mosaic(height, width)
    sides: Sides = {name: partial(getattr(peers, name), image) for name in names}
    return sides | {"ours": partial(render, image, edits)}


def _all(round_: int) -> Sides:
    return rewards(round_, list(TOOLS), 5)


def _pointwise(round_: int) -> Sides:
    return _without(rewards(round_, POINTWISE, 5), "naive32")


def _curves(round_: int) -> Sides:
    return _without(rewards(round_, CURVES, 5), "naive32")


def _sixteen(round_: int) -> Sides:
    return _without(rewards(round_, list(TOOLS), 16, count=1), "naive32")


def _without(sides: Sides, name: str) -> Sides:
    return {key: side for key, side in sides.items() if key != name}


def _megapixel(round_: int) -> Sides:
    return images(round_, 1000, 1000, FIVE, ["pillow", "kornia"])


def _large(round_: int) -> Sides:
    return images(round_, 3000, 4000, FOUR, ["opencv"])


CASES = (
    Case("5 of 16 tools, render + distance, one by one", single, "naive64", "ours", 6, 10),
    Case("reward, 5 of 16 tools, one by one", apart, "naive64", "ours", 6, 20),
    Case("reward, 5 of all 16 tools", _all, "naive64", "ours", 15, 25),
    Case("reward, 5 of all 16 tools", _all, "naive32", "ours", 8, 13),
    Case(f"reward, 5 of the {len(POINTWISE)} pointwise tools", _pointwise, "naive64", "ours", 20, 40),
    Case(f"reward, 5 of the {len(CURVES)} curve tools", _curves, "naive64", "ours", 40, 100),
    Case("reward, all 16 tools at once", _sixteen, "naive64", "ours", 25, 40),
    Case("5 tools, render + distance, 1 MP", fused, "ours", "C", 3.5, 2.0, at_least=False),
    Case("search sweep, 240 evaluations", sweep, "naive64 / 10", "ours", 20, 50),
    Case("5 tools, image to image, 1 MP", _megapixel, "pillow", "ours", 4, 8),
    Case("5 tools, image to image, 1 MP", _megapixel, "kornia", "ours", 4.5, 8),
    Case("4 tools, image to image, 12 MP", _large, "opencv", "ours", 1.2, 2),
)

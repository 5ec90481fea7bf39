"""The look of one image on others: a program for the tones and colors of an example.

Only statistics are compared, so the example may show another scene: the lightness that a share of the pixels has, the mean color
of dark, middle and light tones, and how colorful they are. Grain, sharpness and vignette are not part of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from iea.data_prep.label.match import reduced
from iea.editor import TOOLS, Image, Program, render
from iea.recipe.agent.stats import lab_of

SIDE = 96  # px; statistics need no detail, and a search measures some hundred programs
TONES = ("exposure", "brightness", "contrast", "highlights", "shadows", "whites", "blacks", "fade")
IMPROVING = ("exposure", "highlights", "shadows", "whites", "blacks", "contrast", "temperature", "tint")
"""Tools of an improvement that names no tool."""
COLORS = ("temperature", "tint", "vibrance", "saturation")
PERCENTS = (2, 10, 25, 50, 75, 90, 98)
ROUNDS, DIFFERENCE = 8, 8  # linearizations at most, and the step of a tool in each
DAMPINGS = (0.01, 0.3, 1.5, 8.0)  # relative to the mean slope; the best of them is the step
RESTRAINT = 0.04  # units of CIELAB for a step of a tool, in the sum of squares: large edits must pay
LEAST_GAIN = 0.2  # units of CIELAB that a tool must gain to stay
MOST = 60  # of a value: a look beyond it is another photograph
WEIGHTS = np.sqrt(np.repeat([0.5 / 7, 0.35 / 3, 0.15 / 2], [7, 6, 2]))
"""Of the statistics in the sum of squares: half for lightness, a third for colors."""


@dataclass(frozen=True)
class Look:
    """Statistics of an image in CIELAB.

    lightness : (7,) L* at PERCENTS
    colors : (3, 2) mean a* and b* of the darkest, middle and lightest third
    chroma : (2,) mean and 90th percentile of C*
    """

    lightness: NDArray[np.float64]
    colors: NDArray[np.float64]
    chroma: NDArray[np.float64]

    @classmethod
    def of(cls, image: Image) -> "Look":
        """Measure an image; large ones are reduced."""
        lab = lab_of(reduced(image, SIDE)).reshape(-1, 3).astype(np.float64)
        lab = np.resize(lab, (max(len(lab), 3), 3))  # a third of one or two pixels has none
        lab = lab[np.argsort(lab[:, 0], kind="stable")]
        chroma = np.hypot(lab[:, 1], lab[:, 2])
        thirds = np.array([part[:, 1:].mean(axis=0) for part in np.array_split(lab, 3)])
        return cls(
            np.asarray(np.percentile(lab[:, 0], PERCENTS), np.float64),
            thirds,
            np.array([chroma.mean(), np.percentile(chroma, 90)]),
        )

    def distance(self, other: "Look") -> float:
        """Return the mean difference of the statistics, in units of CIELAB."""
        tones = np.abs(self.lightness - other.lightness).mean()
        colors = np.linalg.norm(self.colors - other.colors, axis=1).mean()
        return float(0.5 * tones + 0.35 * colors + 0.15 * np.abs(self.chroma - other.chroma).mean())

    def vector(self) -> NDArray[np.float64]:
        """Return the statistics as one weighted vector, (15,)."""
        return np.asarray(WEIGHTS * np.concatenate([self.lightness, self.colors.ravel(), self.chroma]), np.float64)

    def left(self, other: "Look") -> Iterator[str]:
        """Yield the differences of this look from another that can be seen, in words."""
        for name, at in (("darkest tones", 0), ("mid-tones", 3), ("lightest tones", 6)):
            difference = self.lightness[at] - other.lightness[at]
            if abs(difference) > 4:
                yield f"the {name} are {abs(difference):.0f} {'lighter' if difference > 0 else 'darker'} (of 100)"
        for name, mine, theirs in zip(("dark", "middle", "light"), self.colors, other.colors, strict=True):
            a, b = mine - theirs
            if np.hypot(a, b) > 4:
                way = ("yellower" if b > 0 else "bluer") if abs(b) > abs(a) else ("pinker" if a > 0 else "greener")
                yield f"{name} areas are {way} by {np.hypot(a, b):.0f}"
        if abs(difference := self.chroma[0] - other.chroma[0]) > 4:
            yield f"colors are {'stronger' if difference > 0 else 'weaker'} by {abs(difference):.0f}"


@dataclass(frozen=True)
class Matched:
    """A program for a look: the distance of the photograph from it before and after, and the rest in words."""

    program: Program
    before: float
    after: float
    left: tuple[str, ...]


def mean_look(images: Sequence[Image]) -> Look:
    """Return the mean look of one or more images."""
    looks = [Look.of(image) for image in images]
    lightness, colors, chroma = (
        np.mean([getattr(one, name) for one in looks], axis=0) for name in ("lightness", "colors", "chroma")
    )
    return Look(lightness, colors, chroma)


def match_look(image: Image, wanted: Look, tools: Sequence[str] = (*TONES, *COLORS), most: int = MOST) -> Matched:
    """Search for the program of a look: all values together, then without those that gain little.

    Parameters
    ----------
    image : photograph to edit
    wanted : the look of the example
    tools : tools that may be used
    most : largest value of a tool, either way

    >>> rows, columns = np.mgrid[20:200:6, 20:200:6]
    >>> image = np.dstack([rows, columns, 220 - rows]).astype(np.uint8)
    >>> matched = match_look(image, Look.of(render(image, {"exposure": 30, "temperature": 40})))
    >>> matched.after < 0.3 * matched.before
    True
    """
    small, known = reduced(image, SIDE), dict[Program, Look]()

    def look(values: NDArray[np.float64]) -> Look:
        program = _program(tools, values)
        if program not in known:
            known[program] = Look.of(render(small, program))
        return known[program]

    values = _fitted(look, wanted, tools, most)
    values = _pruned(lambda tried: look(tried).distance(wanted), values)
    result, start = look(values), look(np.zeros(len(tools)))
    return Matched(_program(tools, values), start.distance(wanted), result.distance(wanted), tuple(result.left(wanted)))


def _program(tools: Sequence[str], values: NDArray[np.float64]) -> Program:
    return Program({tool: round(value) for tool, value in zip(tools, values.tolist(), strict=True) if round(value)})


def _fitted(
    look: Callable[[NDArray[np.float64]], Look], wanted: Look, tools: Sequence[str], most: int
) -> NDArray[np.float64]:
    """Minimize the squared differences of the statistics: Gauss-Newton with damping, and a cost of every value."""
    low = np.array([max(TOOLS[tool].low, -most) for tool in tools], float)
    high = np.array([min(TOOLS[tool].high, most) for tool in tools], float)
    values = np.zeros(len(tools))

    def cost(tried: NDArray[np.float64]) -> float:
        return float(np.sum((look(tried).vector() - wanted.vector()) ** 2) + np.sum((RESTRAINT * tried) ** 2))

    for _ in range(ROUNDS):
        steps = np.where(values + DIFFERENCE <= high, DIFFERENCE, -DIFFERENCE)
        base = look(values).vector()
        slopes = np.stack(
            [
                (look(values + step * unit).vector() - base) / step
                for step, unit in zip(steps, np.eye(len(tools)), strict=True)
            ],
            1,
        )
        pull = slopes.T @ (wanted.vector() - base) - RESTRAINT**2 * values
        normal = slopes.T @ slopes + RESTRAINT**2 * np.eye(len(tools))
        scale = np.mean(np.diag(slopes.T @ slopes)) * np.eye(len(tools))
        tried = [
            np.clip(np.rint(values + np.linalg.solve(normal + damping * scale, pull)), low, high)
            for damping in DAMPINGS
        ]
        best = min(tried, key=cost)
        if cost(best) > 0.99 * cost(values):
            break
        values = best
    return values


def _pruned(cost: Callable[[NDArray[np.float64]], float], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out tools that gain too little to be seen, the least first."""
    while values.any():
        without = [np.where(np.arange(len(values)) == at, 0, values) for at in np.flatnonzero(values)]
        best = min(without, key=cost)
        if cost(best) > cost(values) + LEAST_GAIN:
            break
        values = best
    return values


def improved_look(image: Image) -> Look:
    """Return the look of a photograph with full tones, a middle of usual lightness and half of its color cast.

    The rule is ours: black and white of the scale are nearly reached, and the median moves halfway to L* = 52.
    """
    look = Look.of(image)
    lightness = look.lightness.copy()
    low, high = min(lightness[0], 4.0), max(lightness[-1], 95.0)
    span = lightness[-1] - lightness[0]
    stretched = low + (lightness - lightness[0]) / span * (high - low) if span >= 1 else lightness  # one tone stays one
    middle = stretched[3] + 0.5 * (np.clip(52.0, stretched[3] - 24, stretched[3] + 24) - stretched[3])
    place = np.interp(stretched, [low, stretched[3], high], [low, middle, high])
    common = look.colors.mean(axis=0)
    drift = common * (0.5 if np.hypot(*common) < 18 else 0.0)  # a sunset has no cast
    return Look(place, look.colors - drift, look.chroma)

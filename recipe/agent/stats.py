"""Statistics of a photograph: tones, clipping, color cast and saturation, in numbers and in words."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.data_prep.label.match import reduced
from iea.editor import Image
from iea.editor.image import white

SIDE = 512  # px, longer side of the copy that is measured; clipping is counted at full size
PERCENTS = (1, 5, 25, 50, 75, 95, 99)
NEUTRAL = 12.0  # chroma up to which a pixel shows the cast of the light
MIDDLE = (15.0, 92.0)  # L* of the pixels among them
CLIPPED = 0.01  # share of pixels from which clipping is worth a word
FEW = 0.02  # share of near-neutral pixels below which no cast can be told


@dataclass(frozen=True)
class Stats:
    """Statistics of one photograph.

    width, height : px
    bits : of a channel, 8 or 16
    lightness : percent of pixels -> L* in 0..100 that they do not exceed
    clipped_black, clipped_white : share of pixels without light, and with a channel at its maximum
    cast : mean a* and b* of the near-neutral pixels: green to magenta, blue to yellow; None where there are too few
    chroma : mean C* of CIELAB; about 10 is muted, 20 usual, 40 vivid
    vivid : C* that one pixel in twenty exceeds
    """

    width: int
    height: int
    bits: int
    lightness: dict[int, float]
    clipped_black: float
    clipped_white: float
    cast: tuple[float, float] | None
    chroma: float
    vivid: float

    def as_dict(self) -> dict[str, Any]:
        """Return the statistics as JSON values, with the words of `findings`."""
        return asdict(self) | {"findings": list(self.findings())}

    def findings(self) -> Iterator[str]:
        """Yield notable facts, in words."""
        middle, low, high = self.lightness[50], self.lightness[1], self.lightness[99]
        if middle < 30:
            yield "dark: half of it is darker than a third of the scale"
        if middle > 72:
            yield "bright: half of it is lighter than most photographs"
        if low > 12 and high < 88:
            yield "flat: neither black nor white is reached"
        elif low > 12:
            yield "veiled: nothing in it is black"
        elif high < 85:
            yield "dull lights: nothing in it is white"
        for share, what in ((self.clipped_black, "black, without detail"), (self.clipped_white, "clipped to white")):
            if share >= CLIPPED:
                yield f"{share:.0%} of the pixels are {what}"
        if self.cast:
            yield from _cast_words(*self.cast)
        if self.chroma < 3:
            yield "nearly without color"
        elif self.chroma < 9:
            yield "muted colors"
        elif self.chroma > 35:
            yield "very strong colors"

    def text(self) -> str:
        """Return the statistics as lines of text."""
        lines = [f"{self.width} x {self.height} px, {self.bits} bits"]
        tones = ", ".join(f"{percent} %: {value:.0f}" for percent, value in self.lightness.items())
        lines.append(f"lightness (0 black, 100 white), percentiles  {tones}")
        lines.append(f"clipped   black {self.clipped_black:.2%}, white {self.clipped_white:.2%} of the pixels")
        cast = (
            "no neutral areas"
            if self.cast is None
            else f"green-magenta {self.cast[0]:+.1f}, blue-yellow {self.cast[1]:+.1f}"
        )
        lines.append(f"cast      {cast}")
        lines.append(f"chroma    mean {self.chroma:.1f}, one pixel in twenty above {self.vivid:.1f}")
        return "\n".join([*lines, *(f"- {finding}" for finding in self.findings())])


def measure(image: Image) -> Stats:
    """Measure a photograph.

    >>> stats = measure(np.full((8, 8, 3), 119, np.uint8))
    >>> round(stats.lightness[50]), stats.clipped_white, stats.cast
    (50, 0.0, (0.0, 0.0))
    """
    lab = lab_of(reduced(image, SIDE)).reshape(-1, 3)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    neutral = lab[(chroma < NEUTRAL) & (lab[:, 0] > MIDDLE[0]) & (lab[:, 0] < MIDDLE[1])]
    cast = neutral[:, 1:].mean(axis=0) if len(neutral) >= FEW * len(lab) else None
    top = white(image)
    return Stats(
        width=image.shape[1],
        height=image.shape[0],
        bits=8 * image.dtype.itemsize,
        lightness={p: round(float(v), 1) for p, v in zip(PERCENTS, np.percentile(lab[:, 0], PERCENTS), strict=True)},
        clipped_black=float((image.max(axis=2) == 0).mean()),
        clipped_white=float((image.max(axis=2) == top).mean()),
        cast=None if cast is None else (round(float(cast[0]), 1) + 0.0, round(float(cast[1]), 1) + 0.0),
        chroma=round(float(chroma.mean()), 1),
        vivid=round(float(np.percentile(chroma, 95)), 1),
    )


def lab_of(image: Image) -> NDArray[np.float32]:
    """Return (H, W, 3) L* in 0..100, a* and b* of an image, for D65."""
    import cv2

    scaled = image.astype(np.float32) / white(image)
    lab: NDArray[np.float32] = cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB)
    return lab


def _cast_words(a: float, b: float) -> Iterator[str]:
    strength = float(np.hypot(a, b))
    if strength >= 2.5:
        names = [
            name
            for value, name in ((b, "yellow" if b > 0 else "blue"), (a, "magenta" if a > 0 else "green"))
            if abs(value) > 0.5 * strength
        ]
        yield f"{'strong' if strength > 6 else 'slight'} {'-'.join(names)} cast in its gray areas"

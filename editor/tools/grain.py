"""Grain: the monochrome noise of fast film."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from iea.editor.blur import LEAST_SIDE, blur, reach, response_energy, steps_of
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

STRENGTH = 0.09  # standard deviation in the mid-tones at 100; less towards black and white
SIZE = 0.0017  # standard deviation of a grain's blur, in shorter sides: 1 px at 588
# Variance in square pixels by which a pixel averages finer grains: half of its area's, between viewers that reduce by area
# means and those that keep all detail.
PIXEL = 1 / 24
BAND = 192  # rows made at a time


@lru_cache(maxsize=16)  # 3072 rows: whole training images, the last bands of a huge one
def noise(band: int, height: int, width: int, seed: int) -> Plane:
    """Return up to BAND rows of an image's noise, from BAND * `band` on, (R, W) float32.

    The noise has mean 0 and a variance below 1, by what a pixel averages away, is bounded, and constant for one size and seed: the sum of four 16-bit words per
    pixel from PCG64, whose stream numpy keeps stable between versions (not so its normal distribution), blurred in
    proportion to the image. A band takes its words from their place in the stream of the whole image, so the bands fit together and
    the memory grows with the width alone.
    """
    variance = (SIZE * max(min(height, width), LEAST_SIDE)) ** 2
    steps = steps_of(variance + PIXEL)
    margin = 2 * reach(steps)
    top, rows, columns = band * BAND, min(BAND, height - band * BAND) + margin, width + margin
    total = np.zeros(rows * columns, np.uint32)
    for word in range(4):
        total += _words((word * (height + margin) + top) * columns, rows * columns, seed)
    white = (total.astype(np.float32) - 131070) / np.float32(65536 / np.sqrt(3))
    plane: Plane = np.ascontiguousarray(blur(white.reshape(rows, columns), steps))
    plane *= (variance / (variance + PIXEL) / response_energy(steps)) ** 0.5
    plane.setflags(write=False)
    return plane


def _words(first: int, count: int, seed: int) -> NDArray[np.uint16]:
    """Return `count` 16-bit words of PCG64's stream, from number `first` on; a draw holds four."""
    draws, begun = divmod(first, 4)
    raw = np.random.PCG64(seed).advance(draws).random_raw(-(-(begun + count) // 4))
    return raw.view(np.uint16)[begun : begun + count]


def grains(view: View) -> Plane:
    """Return the noise of a view."""
    rows, columns = view.luma.shape
    last = view.top + rows - 1
    bands = [
        noise(band, view.height, view.width, view.seed)[:, view.left : view.left + columns]
        for band in range(view.top // BAND, last // BAND + 1)
    ]
    start = view.top % BAND
    plane = bands[0] if len(bands) == 1 else np.concatenate(bands)
    return plane[start : start + rows]


TOOL = Tool(
    name="grain",
    low=0,
    high=100,
    minus="",
    plus="more film grain",
    use="a film look is wanted (20 to 50); no tool takes noise away",
    kind="spatial",
    stage=160,
    reference="seeded grain on lightness only, size in proportion to the image, as in darktable",
    layer=Layer("grain", grains, STRENGTH),
)

"""Grain: the monochrome noise of fast film."""

from functools import lru_cache

import numpy as np

from iea.editor.blur import blur, octave_of, reach, response_energy, shifts_of
from iea.editor.image import Plane
from iea.editor.tool import Layer, Tool, View

STRENGTH = 0.07  # standard deviation in the mid-tones at 100
ENDS = 0.25  # share of it left at black and at white
BASE_SIDE = 512  # px; the grains double in size with the short side: single pixels below 1024


@lru_cache(maxsize=4)  # 96 MiB each at 24 megapixels
def noise(height: int, width: int, seed: int) -> Plane:
    """(H, W) float32 noise of mean 0 and variance 1, bounded, the same for ever for one size and seed.

    The sum of four 16-bit words per pixel from PCG64, whose stream numpy keeps stable between versions
    (it does not promise that of its normal distribution), coarsened for large pictures.
    """
    shifts = shifts_of(octave_of(min(height, width), BASE_SIDE))
    wide = (height + 2 * reach(shifts), width + 2 * reach(shifts))
    count = wide[0] * wide[1]
    words = np.random.PCG64(seed).random_raw(count).view(np.uint16).reshape(4, count)
    white = (words.sum(axis=0, dtype=np.uint32).astype(np.float32) - 131070) / np.float32(65536 / np.sqrt(3))
    plane: Plane = blur(white.reshape(wide), shifts) / response_energy(shifts) ** 0.5
    plane.setflags(write=False)
    return plane


def grains(view: View) -> Plane:
    """The noise, weaker towards black and white."""
    y = view.luma
    rows, columns = (
        slice(start, start + size) for start, size in zip((view.top, view.left), y.shape, strict=True)
    )
    return noise(view.height, view.width, view.seed)[rows, columns] * (ENDS + (4 - 4 * ENDS) * (y - y * y))


TOOL = Tool(
    name="grain",
    low=0,
    high=100,
    minus="",
    plus="more film grain",
    kind="spatial",
    stage=160,
    reference="seeded grain on lightness only, size in proportion to the picture, as in darktable",
    layer=Layer("add", grains, lambda amount: STRENGTH * amount),
)

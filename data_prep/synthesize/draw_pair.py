"""Pairs for instructed edits: a crop, a program whose every tool shows in it, and the image that it renders."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import read_photograph, to_8_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.crops import EDIT_CROP, usable_crop
from iea.data_prep.synthesize.difficulty import PAPER, Difficulty
from iea.data_prep.synthesize.random_programs import Card, draw_card, draw_count, draw_program
from iea.editor import Image, LeaveOneOut, Program, leave_one_out, render

PATCH = 28  # px; Qwen2.5-VL merges 2 x 2 patches of 14 pixels and resizes images of other sides
WORKING_SIDE = 2.5
"""Photographs are reduced to a short side of at most this many times the size of a crop: the smallest crop is still reduced
from there, and a file of 24 megapixels is decoded once, not once per crop."""

MIN_CHANGE = 0.012  # least D(original, reference): 3 of 255 levels, about the smallest visible change
MIN_USE = 0.004  # D must rise by this much without a tool: 1 of 255 levels
MAX_TRIES = 200
KEEP_CARD = 40  # tries after which any edit may take the place of the dealt one

Crops: TypeAlias = Callable[[float], Image]
"""(smallest crop as a share of the short side) -> crop."""


@dataclass(frozen=True)
class Pair:
    """Two (side, side, 3) uint8 sRGB images and the program from one to the other.

    d_before : D between the images
    r_like : of the program: 1 unless it restores a degraded image
    by_effect : its tools, the most visible one first; () for a restoration
    """

    original: Image
    reference: Image
    program: Program
    d_before: float
    r_like: float = 1.0
    by_effect: tuple[str, ...] = ()


def crops_of(path: str, size: int, rng: np.random.Generator) -> Crops:
    """Return the crops of a photograph, (size, size, 3), or smaller where the photograph is: none is enlarged.

    Raises
    ------
    RejectedError : as read_photograph, or "too_small": the short side is below half of `size`. A crop raises
        "no_usable_crop" if all are flat, black or blown
    """
    photo = _photograph(path, size)
    side = min(size, min(photo.size) // PATCH * PATCH)
    if 2 * side < size:
        raise RejectedError(
            "too_small", f"{path!a}: the short side must be at least half of {size}, got {min(photo.size)}"
        )

    def draw(smallest: float) -> Image:
        crop = usable_crop(photo, side, smallest, rng)
        if crop is None:  # after many tries: another call would not find one either
            raise RejectedError("no_usable_crop", f"{path!a} is flat, black or blown nearly everywhere")
        return crop

    return draw


def draw_pair(draw: Crops, card: Card, rng: np.random.Generator, difficulty: Difficulty = PAPER) -> Pair:
    """Return a pair whose program has the edit of `card`; after `KEEP_CARD` tries any other may take its place.

    Redrawn until the pair differs by `MIN_CHANGE` and every tool matters by `MIN_USE`.

    Raises
    ------
    RejectedError : "no_pair": nothing acceptable in `MAX_TRIES` tries
    """
    for tries in range(1, MAX_TRIES + 1):
        if tries > KEEP_CARD:
            card = draw_card(rng, without={}, difficulty=difficulty)
        original = draw(EDIT_CROP)
        program = draw_program(rng, card, draw_count(rng, difficulty), difficulty)
        reference = render(original, program)
        result = leave_one_out(original, reference, program)
        if shows(result):
            by_effect = tuple(sorted(result.without, key=lambda tool: -result.without[tool]))
            return Pair(original, reference, program, result.before, by_effect=by_effect)
    raise RejectedError("no_pair", f"no crop shows the effect of a program in {MAX_TRIES} tries; it may be gray")


def shows(result: LeaveOneOut) -> bool:
    """Return True if the edit is visible, and the contribution of every tool."""
    return result.before >= MIN_CHANGE and min(result.without.values()) - result.after >= MIN_USE


@lru_cache(maxsize=4)  # the items of a photograph follow each other
def _photograph(path: str, size: int) -> PillowImage.Image:
    """Read the photograph with a short side of at most `WORKING_SIDE * size`."""
    image = to_8_bits(read_photograph(Path(path)))
    height, width = image.shape[:2]
    scale = min(1.0, WORKING_SIDE * size / min(height, width))
    return PillowImage.fromarray(resample(image, whole(image), (round(width * scale), round(height * scale))))

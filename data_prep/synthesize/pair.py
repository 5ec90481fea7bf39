"""A crop of a photograph, a program whose every tool shows in it, and the picture it renders, or the other way round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage

from iea.data_prep.build import PATCH
from iea.data_prep.ingest.decode import read_photograph, to_8_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.photographs import WORKING_SIDE
from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.crops import EDIT_CROP, usable_crop
from iea.data_prep.synthesize.programs import Card, draw_card, draw_count, draw_program
from iea.data_prep.synthesize.sample import KEEP_CARD, MAX_TRIES, MIN_CHANGE, MIN_USE, draw_auto
from iea.editor import Image, Program, leave_one_out, render

Crops: TypeAlias = Callable[[float], tuple[str, Image]]
"""Takes the smallest crop as a share of the short side; gives (path, crop): a `sample.Draw` that never fails."""


@dataclass(frozen=True)
class Pair:
    """Two (side, side, 3) uint8 sRGB pictures, the program from one to the other, D between them, and the program's
    R_like: 1 unless it only undoes another."""

    original: Image
    reference: Image
    program: Program
    d_before: float
    r_like: float = 1.0


def crops_of(path: str, size: int, rng: np.random.Generator) -> Crops:
    """Crops of a photograph, `size` pixels a side, or less where the photograph has less: none is enlarged.

    Raises
    ------
    RejectedError : as read_photograph, or "too_small": the photograph has less than half of `size` to give. A crop asked
        for raises "no_usable_crop" where all are flat, black or blown
    """
    photo = _photograph(path, size)
    side = min(size, min(photo.size) // PATCH * PATCH)
    if 2 * side < size:
        raise RejectedError(
            "too_small",
            f"{path!a}: the short side must be at least half of {size}, got {min(photo.size)}",
        )

    def draw(smallest: float) -> tuple[str, Image]:
        crop = usable_crop(photo, side, smallest, rng)
        if crop is None:  # it has tried many a place, and will not find one at the next try
            raise RejectedError("no_usable_crop", f"{path!a} is flat, black or blown nearly everywhere")
        return path, crop

    return draw


def draw_pair(draw: Crops, card: Card, rng: np.random.Generator) -> Pair:
    """A pair whose program has the edit of `card`; after `KEEP_CARD` tries any other may take its place.

    Redrawn until the pair differs by `MIN_CHANGE` and every tool matters by `MIN_USE`, as in `iea.data_prep.synthesize.sample`.

    Raises
    ------
    RejectedError : "no_pair": nothing acceptable in `MAX_TRIES` tries
    """
    for tries in range(1, MAX_TRIES + 1):
        if tries > KEEP_CARD:
            card = draw_card(rng, without={})
        _, original = draw(EDIT_CROP)
        program = draw_program(rng, card, draw_count(rng))
        reference = render(original, program)
        result = leave_one_out(original, reference, program)
        if result.before >= MIN_CHANGE and min(result.without.values()) - result.after >= MIN_USE:
            return Pair(original, reference, program, result.before)
    raise RejectedError(
        "no_pair", f"no crop shows what a program does in {MAX_TRIES} tries; it may be all grey"
    )


def undone_pair(draw: Crops, rng: np.random.Generator) -> Pair:
    """A damaged crop, the crop, and the program that best undoes the damage.

    Raises
    ------
    RejectedError : "no_pair": nothing acceptable was drawn
    """
    try:
        sample = draw_auto(draw, rng)
    except RuntimeError as error:
        raise RejectedError("no_pair", str(error)) from error
    return Pair(sample.original, sample.reference, sample.program, sample.d_before, sample.rating["r_like"])


@lru_cache(maxsize=4)  # the rows of a photograph follow each other
def _photograph(path: str, size: int) -> PillowImage.Image:
    """The photograph with a short side of at most `WORKING_SIDE * size`."""
    image = to_8_bits(read_photograph(Path(path)))
    height, width = image.shape[:2]
    scale = min(1.0, WORKING_SIDE * size / min(height, width))
    return PillowImage.fromarray(resample(image, whole(image), (round(width * scale), round(height * scale))))

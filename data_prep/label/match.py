"""The program that brings a pair together, as a label, and the least distance that the tools allow, as a ceiling.

Searches run on pictures no larger than those of training, where they see all that a reward sees: at thumbnails of 96
pixels neither sharpness nor grain shows, and settling such programs again at training size costs as much as searching
there at once (tests/benchmarks/matching.py).
"""

from dataclasses import dataclass

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.label.least_squares import fit
from iea.data_prep.label.method import Method, rate, search
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.moves import descend, prune
from iea.data_prep.label.objective import Objective
from iea.editor import TOOLS, Image, Program

SIDE = 512  # px, longer side of the pictures that are searched: training's
ORACLE = METHODS["Levenberg-Marquardt"]
ORACLE_SIDE = 128  # px; where its many evaluations are cheap. What it found is then settled at the search's size
POLISH = (2, 1)


@dataclass(frozen=True)
class Match:
    """A program, its reward terms at the images' full size, and the number of evaluations of the search."""

    program: Program
    rating: dict[str, float]
    evaluations: int


def reduced(image: Image, side: int) -> Image:
    """`image` as uint8 with a longer side of at most `side` pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    return resample(to_8_bits(image), whole(image), size)


def match(original: Image, reference: Image, start: Program, method: Method, side: int = SIDE) -> Match:
    """Search the pair; the start stays where nothing closer is found.

    Parameters
    ----------
    original, reference : pictures of one shape and dtype, not equal
    start : the program to start from; may be empty
    side : px, larger pictures are reduced for the search
    """
    small = reduced(original, side), reduced(reference, side)
    if np.array_equal(*small):  # differs in what reducing evens out
        small = original, reference
    found = search(method, *small, start)
    whole_size = Objective(original, reference)
    program = whole_size.closest([start, found.program])
    return _rated(original, reference, program, found.evaluations + whole_size.evaluations)


def ceiling(original: Image, reference: Image, known: Program, side: int = SIDE) -> Match:
    """The closest that the oracle comes with all tools, and never further than `known`."""
    small = reduced(original, ORACLE_SIDE), reduced(reference, ORACLE_SIDE)
    found, evaluations = known, 0
    if not np.array_equal(*small):
        at_first = search(ORACLE, *small, known)
        found, evaluations = at_first.program, at_first.evaluations
    settling = Objective(reduced(original, side), reduced(reference, side))
    settled = prune(settling, descend(settling, fit(settling, found, list(TOOLS)), POLISH))
    whole_size = Objective(original, reference)
    program = whole_size.closest([known, found, settled])
    return _rated(original, reference, program, evaluations + settling.evaluations + whole_size.evaluations)


def _rated(original: Image, reference: Image, program: Program, evaluations: int) -> Match:
    return Match(program, rate(original, reference, program), evaluations)

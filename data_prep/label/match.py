"""Fit a program to a pair, as a label, and find the least distance that the tools allow, as the oracle.

Searches run on images no larger than those of training, which show all that a reward measures: at thumbnails of 96 pixels
neither sharpness nor grain is visible, and refining such programs at training size costs as much as searching there
directly (tests/benchmarks/matching.py).
"""

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.label.least_squares import fit
from iea.data_prep.label.method import Method, SearchResult, rate, search
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.objective import Objective, descend, prune
from iea.editor import TOOLS, Image, Program

SIDE = 512  # px, longer side of the images that are searched: that of training
DEFAULT = "Stepwise"  # key of METHODS
ORACLE = METHODS["Levenberg-Marquardt"]
ORACLE_SIDE = 128  # px; its many evaluations are cheap there. The result is then refined at the size of other searches
POLISH = (2, 1)


def fit_program(original: Image, reference: Image, start: Program | None = None) -> Program:
    """Find the program whose result comes closest to the reference: the default search, at the size of training.

    Parameters
    ----------
    original, reference : (H, W, 3) uint8 or uint16 sRGB, of one shape and dtype, not equal
    start : a program to start from, None = search from nothing

    Returns
    -------
    at most 5 tools; empty, or `start` itself, where no program is closer

    Raises
    ------
    ValueError : the images are equal

    Examples
    --------
    >>> from iea.editor import render
    >>> y, x = np.mgrid[20:240:14, 20:240:14]
    >>> original = np.dstack([y, x, 255 - y]).astype(np.uint8)
    >>> fit_program(original, render(original, {"temperature": 30, "saturation": -40}))
    Program({'temperature': 30, 'saturation': -40})
    """
    return match(original, reference, start or Program(), METHODS[DEFAULT]).program


def match(original: Image, reference: Image, start: Program, method: Method, side: int = SIDE) -> SearchResult:
    """Search the pair; the start is the result where nothing closer is found.

    Parameters
    ----------
    original, reference : images of one shape and dtype, not equal
    start : the program to start from; may be empty
    side : px, larger images are reduced for the search
    """
    small = reduced(original, side), reduced(reference, side)
    if np.array_equal(*small):  # the reduction removed the difference
        small = original, reference
    found = search(method, *small, start)
    return _closest(original, reference, [start, found.program], found.evaluations)


def upper_bound(original: Image, reference: Image, known: Program, side: int = SIDE) -> SearchResult:
    """Find the closest program that a long search with all tools reaches, never further than `known`."""
    small = reduced(original, ORACLE_SIDE), reduced(reference, ORACLE_SIDE)
    found, evaluations = known, 0
    if not np.array_equal(*small):
        result = search(ORACLE, *small, known)
        found, evaluations = result.program, result.evaluations
    objective = Objective(reduced(original, side), reduced(reference, side))
    refined = prune(objective, descend(objective, fit(objective, found, list(TOOLS)), POLISH))
    return _closest(original, reference, [known, found, refined], evaluations + objective.evaluations)


def reduced(image: Image, side: int) -> Image:
    """Return `image` as uint8 with a longer side of at most `side` pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    return resample(to_8_bits(image), whole(image), size)


def _closest(original: Image, reference: Image, programs: list[Program], evaluations: int) -> SearchResult:
    """Return the closest program at the images' full size; `evaluations` were spent before."""
    objective = Objective(original, reference)
    program = objective.closest(programs)
    return SearchResult(program, rate(original, reference, program), evaluations + objective.evaluations)

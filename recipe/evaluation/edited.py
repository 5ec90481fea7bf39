"""Score and measure, in worker processes, the results of systems that give no program of our editor.

An image of another size than the reference is resampled to it as a whole (Lanczos, low-passed before it is sampled), also where
the aspect ratio differs: no part of it is cropped away. L and R_like are those of a program's result. R_use, R_use_scaled, the
reward and the number of tools need a program: of a finished image they are NaN, of a program for another editor they are computed
with that editor.
"""

from collections.abc import Callable, Mapping
from functools import cache
from math import log, nan
from typing import Any

from iea.data_prep.ingest.align import ASPECT
from iea.data_prep.ingest.decode import to_8_bits, to_16_bits
from iea.data_prep.ingest.resample import resample, whole
from iea.editor import Image, LeaveOneOut, ProgramError, distance
from iea.editor.io import read_image
from iea.recipe.evaluation.editors import EDITORS, score_with
from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.metrics.compared import Compared, Shown, compared_row
from iea.recipe.evaluation.metrics.measure import ready
from iea.recipe.evaluation.metrics.metric import MetricSettings
from iea.recipe.evaluation.systems.system import Answer, Edited, Failed
from iea.reward_fns.result import Score, make_score
from iea.reward_fns.terms import TERMS

NEEDS_PROGRAM = ("score", "first_score", "n_tools", *(term for term in TERMS if term != "r_like"))
"""Keys of a score that an image has no value of."""


def fitted(image: Image, reference: Image) -> tuple[Image, str]:
    """Return an image at the size and depth of the reference, and the change of its size: "", "scaled" or "stretched".

    "stretched" is an aspect ratio that differs by more than 1 %.

    >>> import numpy as np
    >>> image, change = fitted(np.zeros((8, 8, 3), np.uint8), np.zeros((4, 6, 3), np.uint8))
    >>> image.shape, change
    ((4, 6, 3), 'stretched')
    """
    (height, width), (wanted_height, wanted_width) = image.shape[:2], reference.shape[:2]
    change = ""
    if (height, width) != (wanted_height, wanted_width):
        other_aspect = abs(log(width * wanted_height / (height * wanted_width))) > ASPECT
        change = "stretched" if other_aspect else "scaled"
    sized = resample(image, whole(image), (wanted_width, wanted_height))
    return to_8_bits(sized) if reference.dtype.itemsize == 1 else to_16_bits(sized), change


def score_edited(
    extra: Mapping[str, Any], edited: Edited, terms: Mapping[str, float] | None = None
) -> tuple[Score, str] | Failed:
    """Score the image or the program of a row, with the change of the image's size as of `fitted`; Failed where there is none.

    Raises
    ------
    OSError, ValueError : an image of the row itself cannot be read
    """
    original, reference, previous = _images(extra)
    if edited.editor:
        return _score_program(original, reference, previous, edited, terms)
    try:
        image, change = fitted(edited.image(extra), reference)
    except (OSError, ValueError) as error:
        return Failed(getattr(error, "reason", "unreadable"), str(error), image=True)
    before = None if previous is None else distance(previous, reference)
    measured = LeaveOneOut(distance(original, reference), distance(image, reference), {}, before)
    score = make_score(
        d_before=measured.before if before is None else before,
        d_after=measured.after,
        parsable=1,
        r_like=TERMS["r_like"].function(measured),
    )
    return score | dict.fromkeys(NEEDS_PROGRAM, nan), change


def _score_program(
    original: Image, reference: Image, previous: Image | None, edited: Edited, terms: Mapping[str, float] | None
) -> tuple[Score, str] | Failed:
    editor = EDITORS[edited.editor]
    try:
        editor.read(edited.answer)
    except ProgramError as error:
        return Failed(error.reason, str(error))
    at_8_bits = None if previous is None else to_8_bits(previous)
    images = to_8_bits(original), to_8_bits(reference)
    return score_with(editor, *images, edited.answer, terms=terms, previous=at_8_bits), ""


def compared_answer(source: str, extra: Mapping[str, Any], answer: Answer) -> Compared | None:
    """Return the images or sentences of a row and its answer of any kind, for metrics."""
    if not isinstance(answer, Edited):
        return compared_row(source, extra, answer if isinstance(answer, str) else "")
    original, reference, previous = _images(extra)
    image, _ = fitted(answer.image(extra), reference)
    return Shown(*map(to_8_bits, (original if previous is None else previous, image, reference)))


def measure_row(names: tuple[str, ...], source: str, extra: Mapping[str, Any], answer: Answer) -> dict[str, float]:
    """Measure a row by metrics that need no weights: name -> value, NaN where it does not apply."""
    return _measures(names)(compared_answer(source, extra, answer))


@cache
def _measures(names: tuple[str, ...]) -> Callable[[Compared | None], dict[str, float]]:
    return ready([METRICS[name] for name in names], MetricSettings())


def _images(extra: Mapping[str, Any]) -> tuple[Image, Image, Image | None]:
    """Read the original, the reference and, of Refine, the previous result."""
    previous = read_image(extra["previous"]) if extra.get("previous") else None
    return read_image(extra["original"]), read_image(extra["reference"]), previous

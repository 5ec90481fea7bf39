"""Score an edit program against images.

The score is the weighted sum of the terms. No edit (an unparsable answer, an empty program, a program of zeros) has -1 for
every term and for the score.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cachetools import LRUCache, cached

from iea.editor import Image, LeaveOneOut, ProgramError, distance, leave_one_out
from iea.editor.io import read_image
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.result import NO_EDIT, Score, make_score
from iea.reward_fns.terms import term_values
from iea.reward_fns.weights import DEFAULT_WEIGHTS, Weights, read_weights, weighted_sum

IMAGE_BYTES = 256 * 2**20  # of decoded images per process: over 300 images of 512 x 512
IMAGES: LRUCache[tuple[object, ...], Image] = LRUCache(IMAGE_BYTES, getsizeof=lambda image: image.nbytes)
"""Recently read images: the rollouts of a group share their original and reference. A larger image is not kept."""


def score_text(
    original: Image,
    reference: Image,
    text: str,
    *,
    terms: Mapping[str, float] | None = None,
    w: float | None = None,
    previous: Image | None = None,
) -> Score:
    """Score one answer in this process.

    Parameters
    ----------
    original, reference : (H, W, 3) sRGB, uint8 or uint16, of one shape and dtype
    text : the model's answer, see `iea.reward_fns.parse`
    terms, w : weights of the reward's terms, see `iea.reward_fns.weights.read_weights`
    previous : the previous result, of the shape and dtype of `original`. The program is applied to the original all the
        same, but R_like counts the gain over this image: D0 = D(previous, reference)

    Returns
    -------
    the keys of `iea.reward_fns.result.RANGES`

    Raises
    ------
    TypeError, ValueError : the images or the weights are not as above; no answer raises

    Examples
    --------
    >>> import numpy as np
    >>> from iea.editor import render
    >>> original = np.linspace(0, 200, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    >>> reference = render(original, {"exposure": 20})
    >>> score = score_text(original, reference, '{"exposure": 20}')
    >>> score["score"], score["d_after"], score["n_tools"]
    (1.0, 0.0, 1.0)
    >>> score_text(original, reference, "Make it brighter.")["score"]
    -1.0
    """
    start = time.perf_counter()
    return _score(original, reference, text, read_weights(terms, w), previous, start)


def score_files(
    original: str, reference: str, text: str, weights: Weights = DEFAULT_WEIGHTS, previous: str | None = None
) -> Score:
    """Score an answer to a pair of files as `score_text` does; the images stay decoded in this process.

    Raises
    ------
    OSError : a file is missing or cannot be read
    ValueError : a file is not an image, or the images differ in shape or dtype
    """
    start = time.perf_counter()
    before = None if previous is None else _read(previous)
    return _score(_read(original), _read(reference), text, weights, before, start)


def _score(
    original: Image, reference: Image, text: str, weights: Weights, previous: Image | None, start: float
) -> Score:
    try:
        program = parse_answer(text)
    except ProgramError:
        program = None
    measured = leave_one_out(original, reference, program) if program and any(program.values()) else None
    if measured is not None and previous is None:
        before = measured.before
    else:
        before = distance(original if previous is None else previous, reference)
    if measured is not None and previous is not None:
        measured = replace(measured, previous=before)
    return score_measured(program, measured, before, weights, start)


def score_measured(
    program: Mapping[str, Any] | None, measured: LeaveOneOut | None, before: float, weights: Weights, start: float
) -> Score:
    """Return the score of a program of any editor from its measurement.

    Parameters
    ----------
    program : tool -> value; None for an answer without one
    measured : distances with all tools and without each; None for no edit
    before : D0, of the image that the edit must beat
    start : of the measurement, by time.perf_counter
    """
    values = NO_EDIT if measured is None else term_values(measured)
    return make_score(
        score=-1 if measured is None else weighted_sum(values, weights),
        **values,
        d_before=before,
        d_after=before if measured is None else measured.after,
        n_tools=len(program or ()),
        parsable=program is not None,
        reward_ms=(time.perf_counter() - start) * 1e3,
    )


def _read(path: str) -> Image:
    """Return the image at `path`, read-only; a file that changed is read again.

    The time of the last change of its inode, which no program can set, tells files of one size and one date apart.
    """
    found = os.stat(path)
    return _decoded(path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@cached(IMAGES)
def _decoded(path: str, *_identity: int) -> Image:
    image = read_image(path)
    image.setflags(write=False)
    return image

"""Score edit programs against images: one flat dict of floats (`iea.reward_fns.result`) for each answer.

The score is the weighted sum of the terms. No edit (an unparsable answer, an empty program, a program of zeros) has -1 for
every term and for the score.
"""

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from iea.editor import Image, LeaveOneOut, Program, ProgramError, distance, leave_one_outs
from iea.reward_fns.images import ImageCache
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.result import NO_EDIT, Result, Score
from iea.reward_fns.terms import term_values
from iea.reward_fns.weights import DEFAULT_WEIGHTS, Weights, read_weights, weighted_sum


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
    terms : weights of the reward's terms, in [0, 1] and together 1; None = those of the paper
    w : shorthand for the weights r_like = w and r_use = 1 - w
    previous : of the shape and dtype of `original`: what an earlier program made of it. The program is applied to the
        original all the same, but R_like counts the gain over this image: D0 = D(previous, reference)

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
    return _as_scores(score_texts(original, reference, [text], read_weights(terms, w), previous), start)[0]


def score_files(
    original: str, reference: str, texts: Sequence[str], weights: Weights = DEFAULT_WEIGHTS, previous: str | None = None
) -> list[Score]:
    """Score several answers to one pair of files, which stay decoded in this process.

    Rendering that the programs have in common is done once, and every score is the same as `score_text` gives alone;
    `reward_ms` is an equal share of the time for all, reading included. Raises OSError and ValueError.
    """
    start = time.perf_counter()
    read = _images().read
    base = None if previous is None else read(previous)
    return _as_scores(score_texts(read(original), read(reference), texts, weights, base), start)


def score_texts(
    original: Image,
    reference: Image,
    texts: Sequence[str],
    weights: Weights = DEFAULT_WEIGHTS,
    previous: Image | None = None,
) -> list[Result]:
    """Score several answers to one pair; parameters as in `score_text`. `reward_ms` is left 0."""
    programs = [_parsed(text) for text in texts]
    edits = [program for program in programs if _edits(program)]
    measured = leave_one_outs(original, reference, edits) if edits else []
    if previous is not None:
        before = distance(previous, reference)
    else:
        before = measured[0].before if measured else distance(original, reference)
    edited = iter(measured)
    return [
        _edit(replace(next(edited), before=before), len(program), weights)
        if _edits(program)
        else _no_edit(before, program)
        for program in programs
    ]


def _parsed(text: str) -> Program | None:
    try:
        return parse_answer(text)
    except ProgramError:
        return None


def _edits(program: Program | None) -> TypeGuard[Program]:
    return program is not None and any(program.values())


def _edit(measured: LeaveOneOut, n_tools: int, weights: Weights) -> Result:
    terms = term_values(measured)
    return Result(
        score=weighted_sum(terms, weights),
        terms=terms,
        d_before=measured.before,
        d_after=measured.after,
        n_tools=float(n_tools),
        parsable=1.0,
    )


def _no_edit(before: float, program: Program | None) -> Result:
    return Result(
        score=-1.0,
        terms=NO_EDIT,
        d_before=before,
        d_after=before,
        n_tools=0.0 if program is None else float(len(program)),
        parsable=float(program is not None),
    )


def _as_scores(results: Sequence[Result], start: float) -> list[Score]:
    share = (time.perf_counter() - start) * 1e3 / len(results)
    return [replace(result, reward_ms=share).as_score() for result in results]


@functools.cache
def _images() -> ImageCache:
    return ImageCache()

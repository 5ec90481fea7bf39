"""Programs against pictures: one flat dict of floats (`iea.reward_fns.result`) for each answer.

The score is w r_like + (1 - w) r_use. No edit (an unparsable answer, an empty program, a program of zeros) has
r_like = r_use = score = -1.
"""

import functools
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from iea.editor import Image, LeaveOneOut, Program, ProgramError, distance, leave_one_outs
from iea.reward_fns.images import ImageCache
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.result import Result, Score
from iea.reward_fns.terms import likeness, usefulness

DEFAULT_W = 0.7  # the paper's weight of likeness against usefulness


def score_text(
    original: Image, reference: Image, text: str, *, w: float = DEFAULT_W, previous: Image | None = None
) -> Score:
    """Score one answer in this process: `score_texts` of a single text."""
    return score_texts(original, reference, [text], w=w, previous=previous)[0]


def score_texts(
    original: Image,
    reference: Image,
    texts: Sequence[str],
    *,
    w: float = DEFAULT_W,
    previous: Image | None = None,
) -> list[Score]:
    """Score several answers to one pair at once: what their programs have in common is rendered once.

    Parameters
    ----------
    original, reference : (H, W, 3) sRGB, uint8 or uint16, of one shape and dtype
    texts : the model's answers, at least one, see `iea.reward_fns.parse`
    w : weight of likeness in [0, 1]; usefulness has 1 - w
    previous : of the shape and dtype of `original`: what a former program made of it. Programs are applied to the
        original all the same, but likeness counts what they gain over this picture: D0 = D(previous, reference)

    Returns
    -------
    for every text the keys of `Result`, the very numbers that it gets alone; `reward_ms` is an equal share of the
    time that all took

    Raises
    ------
    ValueError : the pictures or `w` are not as above. An answer never is a reason.
    """
    if not 0 <= w <= 1:
        raise ValueError(f"w must be in [0, 1], got {w!r}; it is the weight of likeness against usefulness")
    start = time.perf_counter()
    programs = [_parsed(text) for text in texts]
    edits = [program for program in programs if _edits(program)]
    measured = leave_one_outs(original, reference, edits) if edits else []
    if previous is not None:
        before = distance(previous, reference)
    else:
        before = measured[0].before if measured else distance(original, reference)
    edited = iter(measured)
    results = [
        _edit(replace(next(edited), before=before), len(program), w)
        if _edits(program)
        else _no_edit(before, program)
        for program in programs
    ]
    share = _ms_since(start) / len(texts)
    scores = [replace(result, reward_ms=share).as_score() for result in results]
    if not all(math.isfinite(value) for score in scores for value in score.values()):
        raise ValueError(f"every value of a score must be finite, got {scores}; check the pictures")
    return scores


def score_files(
    original: str, reference: str, texts: Sequence[str], w: float, previous: str | None = None
) -> list[Score]:
    """`score_texts` of files, which are kept decoded in this process. Raises OSError and ValueError."""
    start = time.perf_counter()
    read = _images().read
    base = None if previous is None else read(previous)
    scores = score_texts(read(original), read(reference), texts, w=w, previous=base)
    share = _ms_since(start) / len(texts)
    return [values | {"reward_ms": share} for values in scores]


def _parsed(text: str) -> Program | None:
    try:
        return parse_answer(text)
    except ProgramError:
        return None


def _edits(program: Program | None) -> TypeGuard[Program]:
    return program is not None and any(program.values())


def _edit(measured: LeaveOneOut, n_tools: int, w: float) -> Result:
    r_like, r_use = likeness(measured), usefulness(measured)
    return Result(
        score=w * r_like + (1 - w) * r_use,
        r_like=r_like,
        r_use=r_use,
        d_before=measured.before,
        d_after=measured.after,
        n_tools=float(n_tools),
        parsable=1.0,
    )


def _no_edit(before: float, program: Program | None) -> Result:
    return Result(
        score=-1.0,
        r_like=-1.0,
        r_use=-1.0,
        d_before=before,
        d_after=before,
        n_tools=0.0 if program is None else float(len(program)),
        parsable=float(program is not None),
    )


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


@functools.cache
def _images() -> ImageCache:
    return ImageCache()

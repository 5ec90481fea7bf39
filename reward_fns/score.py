"""Answers, one pair of pictures, one flat dict of floats for each answer.

Every path returns the same finite keys (verl takes the keys of a batch from its first sample):

| key | meaning |
|---|---|
| score | w r_like + (1 - w) r_use, in [-1, 1] |
| r_like | `terms.likeness`, in [-1, 1] |
| r_use | `terms.usefulness`, in [-1, 1] |
| d_before | distance of the original to the reference, in [0, 1] |
| d_after | distance of the edited original to the reference, in [0, 1]; d_before where nothing was edited |
| n_tools | number of tools in the program, zeros included |
| parsable | 1 where the answer held a program, else 0 |
| error | 1 where no score could be computed, through no fault of the answer, else 0 |
| reward_ms | wall-clock milliseconds of work (decoding, parsing, rendering), an equal share of those of the answers scored with it; no waiting for a free worker |

No edit (an unparsable answer, an empty program, a program of zeros) has r_like = r_use = score = -1. After an
error they are -1 too, d_before = d_after = 1 (the worst), n_tools = parsable = 0, and reward_ms is what the
caller waited.
"""

import functools
import math
import time
from collections.abc import Sequence
from typing import TypeGuard

from iea.editor import Image, LeaveOneOut, Program, ProgramError, distance, leave_one_outs
from iea.reward_fns.images import ImageCache
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.terms import likeness, usefulness

DEFAULT_W = 0.7  # the paper's weight of likeness against usefulness


def score_text(original: Image, reference: Image, text: str, *, w: float = DEFAULT_W) -> dict[str, float]:
    """Score one answer in this process: `score_texts` of a single text."""
    return score_texts(original, reference, [text], w=w)[0]


def score_texts(
    original: Image, reference: Image, texts: Sequence[str], *, w: float = DEFAULT_W
) -> list[dict[str, float]]:
    """Score several answers to one pair at once: what their programs have in common is rendered once.

    Parameters
    ----------
    original, reference : (H, W, 3) sRGB, uint8 or uint16, of one shape and dtype
    texts : the model's answers, at least one, see `iea.reward_fns.parse`
    w : weight of likeness in [0, 1]; usefulness has 1 - w

    Returns
    -------
    for every text the keys of the table above, the very numbers that it gets alone; `reward_ms` is an equal
    share of the time that all took

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
    before = measured[0].before if measured else distance(original, reference)
    edited = iter(measured)
    scores = [
        _edit(next(edited), len(program), w) if _edits(program) else _no_edit(before, program)
        for program in programs
    ]
    if not all(math.isfinite(value) for values in scores for value in values.values()):
        raise ValueError(f"every value of a score must be finite, got {scores}; check the two pictures")
    share = _ms_since(start) / len(texts)
    return [values | {"reward_ms": share} for values in scores]


def score_files(original: str, reference: str, texts: Sequence[str], w: float) -> list[dict[str, float]]:
    """`score_texts` of two files, which are kept decoded in this process. Raises OSError and ValueError."""
    start = time.perf_counter()
    images = _images()
    scores = score_texts(images.read(original), images.read(reference), texts, w=w)
    share = _ms_since(start) / len(texts)
    return [values | {"reward_ms": share} for values in scores]


def failed_score(reward_ms: float) -> dict[str, float]:
    """What stands in for a score that could not be computed."""
    return _values(-1.0, -1.0, -1.0, 1.0, 1.0, n_tools=0, parsable=False, error=True) | {
        "reward_ms": reward_ms
    }


def _parsed(text: str) -> Program | None:
    try:
        return parse_answer(text)
    except ProgramError:
        return None


def _edits(program: Program | None) -> TypeGuard[Program]:
    return program is not None and any(program.values())


def _edit(measured: LeaveOneOut, n_tools: int, w: float) -> dict[str, float]:
    r_like, r_use = likeness(measured), usefulness(measured)
    score = w * r_like + (1 - w) * r_use
    return _values(score, r_like, r_use, measured.before, measured.after, n_tools=n_tools, parsable=True)


def _no_edit(before: float, program: Program | None) -> dict[str, float]:
    n_tools = 0 if program is None else len(program)
    return _values(-1.0, -1.0, -1.0, before, before, n_tools=n_tools, parsable=program is not None)


def _values(
    score: float,
    r_like: float,
    r_use: float,
    d_before: float,
    d_after: float,
    *,
    n_tools: int,
    parsable: bool,
    error: bool = False,
) -> dict[str, float]:
    return {
        "score": score,
        "r_like": r_like,
        "r_use": r_use,
        "d_before": d_before,
        "d_after": d_after,
        "n_tools": float(n_tools),
        "parsable": float(parsable),
        "error": float(error),
        "reward_ms": 0.0,
    }


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


@functools.cache
def _images() -> ImageCache:
    return ImageCache()

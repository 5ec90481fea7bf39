"""One answer, one pair of pictures, one flat dict of floats.

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
| reward_ms | wall-clock milliseconds of work: decoding, parsing, rendering; no waiting for a free worker |

No edit (an unparsable answer, an empty program, a program of zeros) has r_like = r_use = score = -1. After an
error they are -1 too, d_before = d_after = 1 (the worst), n_tools = parsable = 0, and reward_ms is what the
caller waited.
"""

import functools
import math
import time

from iea.editor import Image, Program, ProgramError, distance, leave_one_out
from iea.reward_fns.images import ImageCache
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.terms import likeness, usefulness

DEFAULT_W = 0.7  # the paper's weight of likeness against usefulness


def score_text(original: Image, reference: Image, text: str, *, w: float = DEFAULT_W) -> dict[str, float]:
    """Score a model's answer in this process.

    Parameters
    ----------
    original, reference : (H, W, 3) sRGB, uint8 or uint16, of one shape and dtype
    text : the model's answer, see `iea.reward_fns.parse`
    w : weight of likeness in [0, 1]; usefulness has 1 - w

    Returns
    -------
    the keys of the table above

    Raises
    ------
    ValueError : the pictures or `w` are not as above. The answer never is a reason.
    """
    if not 0 <= w <= 1:
        raise ValueError(f"w must be in [0, 1], got {w!r}; it is the weight of likeness against usefulness")
    start = time.perf_counter()
    try:
        program = parse_answer(text)
    except ProgramError:
        values = _no_edit(original, reference, n_tools=0, parsable=False)
    else:
        if any(program.values()):
            values = _edit(original, reference, program, w)
        else:
            values = _no_edit(original, reference, n_tools=len(program), parsable=True)
    values["reward_ms"] = _ms_since(start)
    if not all(map(math.isfinite, values.values())):
        raise ValueError(f"every value of a score must be finite, got {values}; check the two pictures")
    return values


def score_files(original: str, reference: str, text: str, w: float) -> dict[str, float]:
    """`score_text` of two files, which are kept decoded in this process. Raises OSError and ValueError."""
    start = time.perf_counter()
    images = _images()
    values = score_text(images.read(original), images.read(reference), text, w=w)
    return {**values, "reward_ms": _ms_since(start)}


def failed_score(reward_ms: float) -> dict[str, float]:
    """What stands in for a score that could not be computed."""
    return _values(-1.0, -1.0, -1.0, 1.0, 1.0, n_tools=0, parsable=False, error=True) | {
        "reward_ms": reward_ms
    }


def _edit(original: Image, reference: Image, program: Program, w: float) -> dict[str, float]:
    measured = leave_one_out(original, reference, program)
    r_like, r_use = likeness(measured), usefulness(measured)
    score = w * r_like + (1 - w) * r_use
    return _values(score, r_like, r_use, measured.before, measured.after, n_tools=len(program), parsable=True)


def _no_edit(original: Image, reference: Image, n_tools: int, parsable: bool) -> dict[str, float]:
    before = distance(original, reference)
    return _values(-1.0, -1.0, -1.0, before, before, n_tools=n_tools, parsable=parsable)


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

"""Render an image, measure a distance, and leave out one tool of a program at a time."""

import os
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from iea.editor.buffers import SCRATCH
from iea.editor.image import Image, check_image, check_pair, white
from iea.editor.program import Program
from iea.editor.sums import TILE_PX, Sums, difference_sums, distance_of
from iea.editor.tiles import Area, Job, Plan

LARGE = 3 * 4_000_000
"""Number of values from which an image is rendered on all cores."""

THREAD_TILES = 3
"""Tiles that a thread renders at once: threads wait for the interpreter between the calls of numpy, so fewer and longer calls."""


def render(image: Image, edits: Mapping[str, int], *, seed: int = 0) -> Image:
    """Apply an edit program to an image.

    Parameters
    ----------
    image : (H, W, 3) uint8 or uint16, sRGB; need not be contiguous; not modified
    edits : tool name -> integer, checked by `Program`; in any order, since tools apply by stage
    seed : selects the pattern of the grain, the only random effect; the same seed gives the same pixels

    Returns
    -------
    (H, W, 3) of the dtype of `image`, C-contiguous, never aliasing it. Computed in floats with one clip and one
    rounding at the end; every value within one level of `iea.editor.reference.render`, equal to it except where
    the float32 of 8-bit images falls on the other side of a rounding boundary (fewer than 1 value in 1000),
    and always equal for programs with "balance" tools only.

    Raises
    ------
    ProgramError, TypeError, ValueError : `edits` is not a program, or `image` is not an image

    Examples
    --------
    >>> gray = np.full((2, 2, 3), 128, np.uint8)
    >>> render(gray, {"exposure": 50})[0, 0].tolist()
    [176, 176, 176]
    """
    check_image(image)
    result, job = np.empty(image.shape, image.dtype), Job(image, [Plan.of(Program(edits))], seed)

    def fill(area: Area) -> None:
        deque(job.developed(area, result[area].transpose(2, 0, 1)), maxlen=0)

    cores = len(os.sched_getaffinity(0)) if image.size >= LARGE and hasattr(os, "sched_getaffinity") else 1
    areas = job.areas(THREAD_TILES if cores > 1 else 1)
    if cores == 1:
        for area in areas:
            fill(area)
    else:  # numpy releases the interpreter's lock
        with ThreadPoolExecutor(cores) as pool:
            pool.submit(fill, next(areas)).result()  # alone, since it makes what all areas share
            deque(pool.map(fill, areas), maxlen=0)
    return result


def distance(a: Image, b: Image) -> float:
    """Return (L1 + RMSE) / 2 of two images of one shape and dtype, over all values, with white at 1: in [0, 1].

    Exact up to the last division: equal images have equal distances to a third.

    Examples
    --------
    >>> distance(np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8))
    1.0
    """
    check_pair(a, b)
    rows = max(1, TILE_PX // a.shape[1])
    tops = range(0, a.shape[0], rows)
    sums = _total(difference_sums(a[top : top + rows], b[top : top + rows]) for top in tops)
    return distance_of(*sums, a.size, white(a))


def distances(
    original: Image, reference: Image, programs: Sequence[Mapping[str, int]], *, seed: int = 0
) -> list[float]:
    """Return `distance(render(original, program), reference)` of every program: the same numbers, much faster."""
    check_pair(original, reference)
    job = Job(original, [Plan.of(Program(program)) for program in programs], seed)
    parts: list[list[Sums]] = [[] for _ in job.plans]
    for area in job.areas() if job.plans else ():
        shape = 3, *(span.stop - span.start for span in area)
        target = SCRATCH.array("target", shape, reference.dtype)
        np.copyto(target, reference[area].transpose(2, 0, 1))
        levels = SCRATCH.array("levels", shape, reference.dtype)
        for number in job.developed(area, levels):
            parts[number].append(difference_sums(levels, target))
    return [distance_of(*_total(sums), original.size, white(original)) for sums in parts]


def _total(parts: Iterable[Sums]) -> Sums:
    absolute, square = zip(*parts, strict=True)
    return sum(absolute), sum(square)


@dataclass(frozen=True)
class LeaveOneOut:
    """Distances to a reference, in [0, 1].

    before : of the original
    after : of the original edited by the whole program
    without : tool -> of the original edited by the program without that tool
    previous : of the previous result, if the program refines one
    """

    before: float
    after: float
    without: dict[str, float]
    previous: float | None = None


def leave_one_out(original: Image, reference: Image, edits: Mapping[str, int], *, seed: int = 0) -> LeaveOneOut:
    """Measure the contribution of each tool of a program that brings `original` closer to `reference`.

    Parameters as in `render`; `reference` has the shape and dtype of `original`. Every distance equals
    `distance(render(original, ...), reference)` exactly. A tool at 0 has `without` equal to `after`.

    Examples
    --------
    >>> gray = np.full((2, 2, 3), 128, np.uint8)
    >>> result = leave_one_out(gray, render(gray, {"exposure": 50}), {"exposure": 50, "tint": 20})
    >>> result.without["exposure"] > result.after > result.without["tint"] == 0
    True
    """
    return leave_one_outs(original, reference, [edits], seed=seed)[0]


def leave_one_outs(
    original: Image, reference: Image, programs: Sequence[Mapping[str, int]], *, seed: int = 0
) -> list[LeaveOneOut]:
    """Run `leave_one_out` for several programs of one pair; their common parts are computed once."""
    checked = [Program(edits) for edits in programs]
    wanted = [[program, *(program.without(name) for name in program)] for program in checked]
    unique = {_steps(program): program for group in wanted for program in group}
    measured = dict(zip(unique, distances(original, reference, list(unique.values()), seed=seed), strict=True))
    before = distance(original, reference)
    results = []
    for program, group in zip(checked, wanted, strict=True):
        after, *without = (measured[_steps(variant)] for variant in group)
        results.append(LeaveOneOut(before, after, dict(zip(program, without, strict=True))))
    return results


def _steps(program: Program) -> frozenset[tuple[str, int]]:
    """Return the effective edits of a program: its tools and their values without zeros."""
    return frozenset((name, value) for name, value in program.items() if value)

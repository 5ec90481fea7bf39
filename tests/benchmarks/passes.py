"""Time the passes of one program of curves and saturation, to explain the distance to a fused loop."""

import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import TypeVar

import cases
import numpy as np
import photographs
import yardstick

from iea.editor import Image, byte_pairs, distances, render
from iea.editor.buffers import SCRATCH
from iea.editor.curves import curve_table
from iea.editor.program import Program
from iea.editor.sums import ROUND, difference_sums
from iea.editor.tiles import Plan

SIDE = 1000
ROWS = 32  # of a chunk, as in iea.editor.byte_pairs at this width
Result = TypeVar("Result")


class Watch:
    """Milliseconds of CPU time by pass."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = defaultdict(float)

    def __call__(self, name: str, run: Callable[[], Result]) -> Result:
        start = time.thread_time()
        result = run()
        self.ms[name] += 1000 * (time.thread_time() - start)
        return result


def profile(image: Image, reference: Image) -> dict[str, float]:
    """Time each pass of iea.editor.byte_pairs, chunk by chunk, then the whole kernel and the C loop."""
    watch, plan = Watch(), Plan.of(Program(cases.SINGLE))
    curves = curve_table(plan.curves, 256)
    table = watch("the pairs' tables, once per program", lambda: byte_pairs._floats_table(curves))
    matrix = byte_pairs._matrix(plan, 255)
    for top in range(0, image.shape[0], ROWS):
        chunk, target = image[top : top + ROWS], reference[top : top + ROWS]
        index = watch("pairs of bytes to an index", lambda chunk=chunk: byte_pairs._index(chunk, True))
        values = SCRATCH.array("pair values", index.shape, table.dtype)
        watch("look-up of pairs", lambda places=index, out=values: np.take(table, places, out=out, mode="clip"))
        pixels = values.view(np.float32).reshape(-1, 6)
        mixed = index.view(np.float32).reshape(-1, 6)  # the same memory, as in the kernel
        watch("saturation: product with a matrix", lambda x=pixels, out=mixed: np.matmul(x, matrix, out=out))
        watch("clip", lambda x=mixed: np.clip(x, 0, 255 + ROUND, out=x))
        levels = watch("round", lambda x=mixed: x.astype(np.uint8).reshape(-1))[: target.size]
        levels = levels.reshape(target.shape)
        watch("exact sums of differences", lambda a=levels, b=target: difference_sums(a, b))
    watch.ms["all of these"] = sum(watch.ms.values())
    watch("the kernel", lambda: distances(image, reference, [cases.SINGLE]))
    watch("the fused C loop", lambda: yardstick.measured(image, reference, cases.SINGLE))
    return watch.ms


def table(rounds: int) -> str:
    """Return markdown: milliseconds of every pass, of the whole, and of the fused C loop, per megapixel on one core."""
    image = photographs.mosaic(SIDE, SIDE)
    reference = render(image, cases.RETOUCH)
    profile(image, reference)  # warm-up: tables and buffers
    every = [profile(image, reference) for _ in range(rounds)]
    ms = {name: median(times[name] for times in every) for name in every[0]}
    lines = ["| pass | ms per megapixel | in C loops |", "|---|---|---|"]
    lines += [f"| {name} | {value:.1f} | {value / ms['the fused C loop']:.1f} |" for name, value in ms.items()]
    return "\n".join(lines)

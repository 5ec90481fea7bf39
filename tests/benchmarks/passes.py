"""Where the time of one program of pointwise tools goes, pass by pass: why numpy stays behind a fused loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import cases
import numpy as np
import photographs
import yardstick

from iea.editor import distances, render
from iea.editor.color import LUMA
from iea.editor.sums import TILE_PX, difference_sums

SIDE = 1000


def passes() -> dict[str, Callable[[], object]]:
    """The kernel's passes over a tile, with arrays of its shapes and types."""
    flat = photographs.mosaic(SIDE, SIDE).reshape(-1, 3)[:TILE_PX]
    target = render(flat[None], cases.RETOUCH)[0]
    table = np.linspace(0, 1, 256, dtype=np.float32)
    index, rgb = np.empty((3, TILE_PX), np.intp), np.empty((3, TILE_PX), np.float32)
    luma, mixed = np.empty((1, TILE_PX), np.float32), np.empty((3, TILE_PX), np.float32)
    levels, planar = np.empty((3, TILE_PX), np.uint8), np.empty((3, TILE_PX), np.uint8)
    weights = np.array([LUMA], np.float32)
    np.copyto(index, flat.T)

    def look_up() -> None:
        for channel in range(3):
            np.take(table, index[channel], out=rgb[channel], mode="clip")

    def mix() -> None:
        np.multiply(rgb, 300.0, out=mixed)
        np.add(mixed, 0.2 * luma + 0.5, out=mixed)

    def write() -> None:
        np.clip(mixed, 0, 255.5, out=mixed)
        np.copyto(levels, mixed, casting="unsafe")

    return {
        "interleaved 8-bit to planar index": lambda: np.copyto(index, flat.T),
        "look-up in the curves' table": look_up,
        "luma": lambda: np.matmul(weights, rgb, out=luma),
        "layers: multiply and add": mix,
        "clip and round": write,
        "reference, interleaved to planar": lambda: np.copyto(planar, target.T),
        "exact sums of differences": lambda: difference_sums(levels, planar),
    }


def table(rounds: int) -> str:
    """Markdown: milliseconds a megapixel of every pass, of the whole, and of the fused C loop, on one core."""
    tiles = SIDE * SIDE / TILE_PX
    original = photographs.mosaic(SIDE, SIDE)
    reference = render(original, cases.RETOUCH)
    whole = _ms(lambda: distances(original, reference, [cases.SINGLE]), rounds)
    fused = _ms(lambda: yardstick.measured(original, reference, cases.SINGLE), rounds)
    single = {name: tiles * _ms(run, 10 * rounds) for name, run in passes().items()}
    lines = ["| pass | ms a megapixel | in C loops |", "|---|---|---|"]
    rows = single | {"all of these": sum(single.values()), "the kernel": whole, "the fused C loop": fused}
    lines += [f"| {name} | {ms:.1f} | {ms / fused:.1f} |" for name, ms in rows.items()]
    return "\n".join(lines)


def _ms(run: Callable[[], object], rounds: int) -> float:
    run()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        run()
        times.append(1000 * (time.thread_time() - start))
    return median(times)

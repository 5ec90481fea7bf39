"""How much faster the editor is than the same editing done tool by tool on float64 arrays.

    python examples/benchmark_editor.py            # about two minutes on one core

Both sides compute the same specification (`iea.editor.reference` is the slow side) and are measured in turn,
A B A B, in one process on one thread, by the CPU time of that thread; every figure is a median. The photographs
are scikit-image's, 512 pixels along their longer side; `--side 112` measures what training rolls out.

Read the ratios: absolute times move by a factor of two with whatever else runs on the machine. Seen at 512 pixels
on a busy two-core machine: one distance (fused) 21 to 33 times faster for programs of curves or with saturation, 12
to 20 with sharpness or vibrance, 8 to 12 with a vignette too, 5.7 to 7.6 for the grain mix, the cheapest to do
plainly; leave-one-out 8 to 70 times; no distance further than 2e-7 from the slow side's. At 112 pixels leaving one of 5 out takes 1 to 2 ms.

The slow side pays for fresh memory with every array. Where the C library is told to keep what was freed
(MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=1073741824) it runs up to twice as fast, and the ratios of
the mixes with a vignette come down to about 5 (fused) and 8 (leave-one-out).
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Annotated

import cv2
import numpy as np
import typer
from skimage import data
from tqdm import tqdm

from iea.editor import Image, distance, distances, leave_one_out, reference, render

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
MIXES = {
    "curves only": {"temperature": 20, "exposure": 30, "contrast": 20, "highlights": -30, "shadows": 30},
    "saturation": {"temperature": 20, "exposure": 30, "contrast": 20, "highlights": -30, "saturation": 25},
    "vibrance": {"temperature": 20, "exposure": 30, "shadows": 30, "vibrance": 40, "saturation": -25},
    "sharpness": {"temperature": 20, "exposure": 30, "contrast": 20, "saturation": 25, "sharpness": 40},
    "vignette": {"exposure": 30, "contrast": 20, "saturation": 25, "sharpness": 40, "vignette": -30},
    "grain": {"exposure": -20, "contrast": 20, "fade": 30, "vignette": -30, "grain": 25},
}
WANTED = {"exposure": 20, "tint": 15, "saturation": 20, "sharpness": 20}  # the edit behind the reference


def photograph(name: str, side: int) -> Image:
    """A photograph of scikit-image's, its longer side shrunk to `side` pixels."""
    image = getattr(data, name)()
    scale = side / max(image.shape[:2])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def naive(original: Image, target: Image, edits: Mapping[str, int]) -> float:
    """Render and measure, tool by tool in float64."""
    return reference.distance(reference.render(original, edits), target)


def naive_leave_one_out(original: Image, target: Image, edits: Mapping[str, int]) -> list[float]:
    """The original's distance; then a render and a distance for the whole edit and for it less each of its tools."""
    without = [{name: edits[name] for name in edits if name != left_out} for left_out in edits]
    before = reference.distance(original, target)
    return [before, *(naive(original, target, some) for some in (edits, *without))]


def fast(original: Image, target: Image, edits: Mapping[str, int]) -> float:
    """Render and measure with the editor, the edited picture in hand in between."""
    return distance(render(original, edits), target)


def fused(original: Image, target: Image, edits: Mapping[str, int]) -> float:
    """The same number, tile by tile, the edited picture never whole in memory: what a reward or a search needs."""
    return distances(original, target, [edits])[0]


def fast_leave_one_out(original: Image, target: Image, edits: Mapping[str, int]) -> list[float]:
    """The same numbers as `naive_leave_one_out`, by the editor."""
    result = leave_one_out(original, target, edits)
    return [result.before, result.after, *(result.without[name] for name in edits)]


SIDES: tuple[Callable[[Image, Image, Mapping[str, int]], float | list[float]], ...] = (
    naive,
    fast,
    fused,
    naive_leave_one_out,
    fast_leave_one_out,
)


def measure(
    original: Image, target: Image, edits: Mapping[str, int], repeats: int
) -> tuple[list[float], float]:
    """Median milliseconds of the five sides, and how far the distances of the two ways lie apart at most."""
    times: list[list[float]] = [[] for _ in SIDES]
    for _ in range(repeats + 1):
        for side, taken in zip(SIDES, times, strict=True):
            start = time.thread_time()
            side(original, target, edits)
            taken.append(1000 * (time.thread_time() - start))
    slow = naive_leave_one_out(original, target, edits)
    apart = np.abs(np.subtract(slow, fast_leave_one_out(original, target, edits)))
    return [median(taken[1:]) for taken in times], float(apart.max())  # the first round warms up


def main(
    side: Annotated[int, typer.Option(help="pixels along the longer side")] = 512,
    repeats: Annotated[int, typer.Option(min=9, help="measurements per figure")] = 9,
) -> None:
    """Print how much faster the editor is than its float64 specification."""
    rows = []
    for mix, name in tqdm(
        [(mix, name) for mix in MIXES for name in PHOTOGRAPHS], desc="measuring", leave=False
    ):
        original = photograph(name, side)
        rows.append((mix, name, *measure(original, reference.render(original, WANTED), MIXES[mix], repeats)))
    typer.echo(f"{'':24}|  render + distance, ms   |   ratios      | leave one of 5 out, ms  |")
    typer.echo(
        f"{'mix':13}{'photograph':11}| float64 in two   fused  | in two   fused| float64   fast   ratio  | apart"
    )
    for mix, name, (slow, quick, quickest, slow_loo, quick_loo), apart in rows:
        single = f"{slow:9.1f}{quick:8.2f}{quickest:8.2f} {slow / quick:8.1f}x{slow / quickest:6.1f}x"
        loo = f"{slow_loo:9.1f}{quick_loo:8.2f}{slow_loo / quick_loo:7.1f}x"
        typer.echo(f"{mix:13}{name:11}{single} {loo}  {apart:9.1e}")
    lowest = [
        min(times[slow] / times[quick] for *_, times, _ in rows) for slow, quick in ((0, 1), (0, 2), (3, 4))
    ]
    ratios = "render then distance {:.1f}x, fused {:.1f}x, leave-one-out {:.1f}x".format(*lowest)
    typer.echo(f"lowest ratios: {ratios}; distances at most {max(row[3] for row in rows):.1e} apart")


if __name__ == "__main__":
    typer.run(main)

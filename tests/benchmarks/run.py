"""Measure the speed of the editor, as ratios of CPU time from one interleaved run on one pinned core.

    make bench                                  # prints the table; writes docs/benchmarks.md and .png

Every ratio is the median over at least nine rounds. In a round all sides of a case run in turn on one pair of images; the
next round has another photograph and other programs. The ratios matter, not the milliseconds.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import datetime
import platform
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import all_cores
import cases
import cv2
import numpy as np
import show
import throughput
import typer
from tqdm import tqdm

cv2.setNumThreads(1)
WORK = Path(__file__).parents[2] / "work"  # default folder of demonstrations

HEAD = """# Speed of the editor

Printed by `make bench` on {date:%Y-%m-%d}, on one core of {cpu}: ratios of the CPU time of one thread, {rounds} interleaved
rounds, median (lowest to highest). They differ between processors.
naive64 and naive32 are the same sixteen tools, one after another on whole images in float64 and float32. References are
edited at full size, stored as JPEG and reduced. Times are for 12 rollouts per pair, including all preparation. Images of 1
and 12 megapixels are mosaics of the bundled photographs, never enlarged. The C loop is compiled with
`-O3 -march=native -ffast-math`. The search's naive side runs every tenth evaluation. Pillow, kornia and OpenCV follow our
rule, with simpler curves.

![ratios](benchmarks.png)

"""

LARGE = """

## Large photographs

"""
REWARD = """

## The reward's processes

"""


def measure(make: Callable[[int], cases.Sides], rounds: int) -> tuple[dict[str, list[float]], float]:
    """Time every side in every round, in ms; also return the largest difference between the results of naive64 and ours."""
    times: dict[str, list[float]] = defaultdict(list)
    apart = 0.0
    for name, side in make(0).items():
        if not name.startswith("naive"):
            side()  # warm-up: imports, tables and buffers
    for round_ in range(rounds):
        results = {}
        for name, side in make(round_).items():
            start = time.thread_time()
            results[name] = side()
            times[name].append(1000 * (time.thread_time() - start))
        if "naive64" in results:
            difference = np.subtract(results["naive64"], results["ours"])
            apart = max(apart, float(np.abs(difference).max()))
    return dict(times), apart


def main(
    rounds: Annotated[int, typer.Option(min=1, help="rounds per case; a published figure needs 9")] = 9,
    only: Annotated[str, typer.Option(help="cases with this text in the title")] = "",
    out: Annotated[Path | None, typer.Option(help="folder for benchmarks.md and benchmarks.png")] = None,
    grpo: Annotated[
        list[Path] | None, typer.Option(help="finished demonstrations, for the rewards' share of a step")
    ] = None,
) -> None:
    """Measure, print and store the table."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    chosen = [case for case in cases.CASES if only in case.title]
    measured = {
        make: measure(make, rounds)
        for make in tqdm(dict.fromkeys(case.sides for case in chosen), desc="cases", leave=False)
    }
    figures = []
    for case in chosen:
        times, _ = measured[case.sides]
        scale = 10 if case.over.endswith("/ 10") else 1
        ratios = [scale * a / b for a, b in zip(times[case.over], times[case.under], strict=True)]
        figures.append(show.Figure(case, ratios, times))
    text = show.table(figures, max(apart for _, apart in measured.values()))
    if not only:
        os.sched_setaffinity(0, cores)  # for threads and processes
        text += LARGE + textwrap.fill(all_cores.line(rounds), 120)
        text += REWARD + textwrap.fill(throughput.line(min(rounds, 5)), 120)
        text += "\n\n" + textwrap.fill(throughput.share_line(sorted(grpo or WORK.glob("seed-*"))), 120)
    typer.echo(text)
    if out is not None:
        show.plot(figures, out / "benchmarks.png")
        page = out / "benchmarks.md"
        head = HEAD.format(date=datetime.datetime.now(datetime.UTC), rounds=rounds, cpu=_processor())
        page.write_text(head + text + "\n")


def _processor() -> str:
    """Return the name of the processor in /proc/cpuinfo, or else its architecture."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    typer.run(main)

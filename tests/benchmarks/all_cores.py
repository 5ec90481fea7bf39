"""Measure an edit of a large photograph on one core and on all: wall-clock time in one interleaved run, and memory.

python tests/benchmarks/all_cores.py
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import cases
import photographs

from iea.editor import Image, render

HEIGHT, WIDTH = 4000, 6000
MIB = 2**20


def line(rounds: int) -> str:
    """Return one line of markdown: the time on all cores over that on one core, and the memory beside both images."""
    image, cores = photographs.mosaic(HEIGHT, WIDTH), os.sched_getaffinity(0)
    ratios = []
    for _ in range(rounds + 1):
        alone, together = (_seconds(image, chosen) for chosen in ({min(cores)}, cores))
        ratios.append(together / alone)
    ratios = sorted(ratios[1:])  # the first round starts threads and fills tables
    size, extra = image.nbytes / MIB, _extra_mib()
    return (
        f"{HEIGHT * WIDTH / 1e6:.0f} MP, 5 tools, image to image, {len(cores)} cores over one (wall-clock): "
        f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}), {rounds} interleaved rounds. Peak memory beside original "
        f"and result, {size:.0f} MiB each: {extra:.0f} MiB, {extra / size:.1f} times the original."
    )


def _seconds(image: Image, cores: set[int]) -> float:
    """Measure an edit on these cores alone."""
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        start = time.perf_counter()
        render(image, cases.FIVE)
        return time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, every)


def _extra_mib() -> float:
    """Measure the peak of a new process, without its original and its result."""
    done = subprocess.run([sys.executable, __file__, "--peak"], check=True, capture_output=True, text=True)
    return float(done.stdout)


def _peak() -> float:
    """Return the memory that one edit takes at its peak beside original and result, in MiB."""
    render(photographs.mosaic(512, 512), cases.FIVE)  # imports and tables
    image = photographs.mosaic(HEIGHT, WIDTH)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that from here on
    before = _status("VmRSS")
    render(image, cases.FIVE)
    return _status("VmHWM") - before - image.nbytes / MIB


def _status(name: str) -> float:
    """Return a value of /proc/self/status in MiB."""
    found = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(f"{name}:"))
    return int(found.split()[1]) / 1024


if __name__ == "__main__":
    print(_peak() if "--peak" in sys.argv else line(9))

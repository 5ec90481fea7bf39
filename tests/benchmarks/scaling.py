"""Measure the rows per second of one and of two workers, and estimate the time for the paper's rows on a cluster.

    python tests/benchmarks/scaling.py

Items are the bundled photographs, repeated. One worker is this process, two are Ray's; Ray's start and a first shard of each
worker are not timed. Hours on a cluster are extrapolated from two workers: rows share only the file system. CPU time per
row is that of one worker; unlike the rates, it hardly depends on other load of the machine.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import typer

from iea.data_prep import runner
from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.ingest.near_duplicates import fingerprint
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.label.match import match, reduced
from iea.data_prep.label.methods import METHODS
from iea.data_prep.runner import Item, Row, Step
from iea.editor import Program, render

ROWS, CORES = 400_000, 64  # of the paper, and of the cluster
SHARD_ITEMS = 8
INGESTED, SEARCHED = 512, 256  # px, longer sides
PROGRAM = Program({"exposure": 45, "contrast": 20, "saturation": -20})
SCHEMA = pa.schema([("found", pa.string())])


def ingest(item: Item) -> list[Row]:
    """Decode, reduce and hash a photograph at its full size."""
    small = reduced(read_photograph(Path(item["path"])), INGESTED)
    return [{"found": fingerprint(small)[0]}]


def label(item: Item) -> list[Row]:
    """Render a reference, then search for its program."""
    original = reduced(read_photograph(Path(item["path"])), SEARCHED)
    start = noisy_label(PROGRAM, 1.0, np.random.default_rng(item["number"]))
    found = match(original, render(original, PROGRAM), start, METHODS["Stepwise"])
    return [{"found": found.program.to_json()}]


@dataclass(frozen=True)
class Work:
    """A timed kind of work: `make` turns an item into rows."""

    name: str
    make: Callable[[Item], list[Row]]
    items: int


WORKS = (
    Work(f"decode, reduce to {INGESTED} px, hash", ingest, 320),
    Work(f"decode, render, Stepwise search at {SEARCHED} px", label, 160),
)


def rate(work: Work, workers: int) -> tuple[float, float]:
    """Measure rows per second, and milliseconds of this process's CPU time per row, without the first shards."""
    paths = [str(path) for path in everyday_photographs().values()]
    items = [{"path": paths[number % len(paths)], "number": number} for number in range(work.items)]
    step = Step(work.name, SCHEMA, work.make, {})
    with tempfile.TemporaryDirectory() as folder:
        for name, some in (("warm", items[: 2 * SHARD_ITEMS]), ("timed", items)):
            used = time.process_time()
            report = runner.run(step, some, Path(folder) / name, workers=workers, shard_items=SHARD_ITEMS, quiet=True)
    used = time.process_time() - used
    return report.rows / report.seconds, 1000 * used / report.rows


def main(scale: Annotated[float, typer.Option(min=0.05, help="share of the items")] = 1.0) -> None:
    """Print a table in Markdown."""
    import ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init("local", num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
    typer.echo(
        f"| work | CPU ms/row | rows/s, 1 worker | rows/s, 2 workers | ratio "
        f"| hours for {ROWS:,} rows on {CORES} cores |\n|---|---|---|---|---|---|"
    )
    for work in WORKS:
        some = Work(work.name, work.make, max(2 * SHARD_ITEMS, round(scale * work.items)))
        (one, used), (two, _) = rate(some, 1), rate(some, 2)
        hours = ROWS / (two / 2 * CORES) / 3600
        typer.echo(f"| {work.name} | {used:.0f} | {one:.1f} | {two:.1f} | {two / one:.2f} | {hours:.2f} |")
    ray.shutdown()


if __name__ == "__main__":
    typer.run(main)

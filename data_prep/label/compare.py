"""Compare quality and cost of every search method: the paper's Figure 9.

    iea data compare-methods --data work/seed-0/data/stage2/val.parquet --out docs

Starts are the true programs with the errors of a teacher (iea.data_prep.annotate.label_noise).
"""

import datetime
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.files import replacing, write_text
from iea.data_prep.label.method import SearchResult, search
from iea.data_prep.label.methods import METHODS
from iea.editor import Image, Program, distance
from iea.editor.io import read_image
from iea.editor.markdown import markdown_table

HEAD = """# Search methods

Printed by `{command}`
on {date:%Y-%m-%d}: means over {pairs} pairs that the tools can express. Starts are the true programs with a teacher's errors;
evaluations are different programs rendered. "At FastSearch's cost" ends a method after as many evaluations as FastSearch
took on the same pair.

![quality against cost](search.png)

"""
COLUMNS = ("method", "R_like", "R_use", "tools", "evaluations", "ms", "R_like at FastSearch's cost", "R_use")


@dataclass(frozen=True)
class Pair:
    """A pair to search, and the program to start from."""

    original: Image
    reference: Image
    start: Program


def pairs_of(rows: Path, count: int, seed: int) -> Iterator[Pair]:
    """Yield the first `count` instructed rows of an RL parquet, with a teacher's errors added to their programs."""
    table = pd.read_parquet(rows)
    chosen = [extra for extra in table.extra_info if extra["kind"] == "edit"][:count]
    for number, extra in enumerate(chosen):
        start = noisy_label(Program.from_json(extra["program"]), 1.0, np.random.default_rng([seed, number]))
        yield Pair(read_image(extra["original"]), read_image(extra["reference"]), start)


@dataclass(frozen=True)
class Line:
    """Result of a method on a pair; `limited` = with no more evaluations than FastSearch took there."""

    method: str
    limited: bool
    before: float
    found: SearchResult


def compared(pair: Pair) -> list[Line]:
    """Run every method on the pair twice: until it ends, and at FastSearch's cost."""
    images = pair.original, pair.reference
    cost = search(METHODS["FastSearch"], *images, pair.start).evaluations
    return [
        Line(name, limit is not None, distance(*images), search(method, *images, pair.start, limit=limit))
        for name, method in METHODS.items()
        for limit in (None, cost)
    ]


def table(lines: Sequence[Line]) -> str:
    """Return means of every method in Markdown, cheapest first, whole and at FastSearch's cost."""
    rows = []
    for name in METHODS:
        like, use, tools, evaluations, ms = _means(lines, name, limited=False)
        at_cost = _means(lines, name, limited=True)[:2]
        rows.append((evaluations, [name, like, use, f"{tools:.1f}", f"{evaluations:.0f}", f"{ms:.0f}", *at_cost]))
    return markdown_table(COLUMNS, [row for _, row in sorted(rows)])


def _means(lines: Sequence[Line], method: str, *, limited: bool) -> list[float]:
    """Return means of R_like, R_use, tools, evaluations and milliseconds."""
    found = [line.found for line in lines if (line.method, line.limited) == (method, limited)]
    values = [(f.rating["r_like"], f.rating["r_use"], len(f.program), f.evaluations, 1000 * f.seconds) for f in found]
    return [float(mean) for mean in np.mean(values, axis=0)]


def reached(trace: Sequence[tuple[int, float]], before: float, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return R_like of the best program after each number of evaluations in `at`; before the first it is 0."""
    steps = np.array([step for step, _ in trace])
    best = np.array([before, *(distance for _, distance in trace)])
    return np.asarray(np.maximum(-1, 1 - best[np.searchsorted(steps, at, side="right")] / before))


def plot(lines: Sequence[Line], out: Path) -> None:
    """Draw mean R_like against evaluations as PNG: a line per method that ends with a dot at its mean cost."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name in METHODS:
        whole = [line for line in lines if line.method == name and not line.limited]
        cost = float(np.mean([line.found.evaluations for line in whole]))
        at = np.unique(np.geomspace(1, max(1.0, cost), 60).astype(np.int64))
        mean = np.mean([reached(line.found.trace, line.before, at) for line in whole], axis=0)
        (drawn,) = axes.plot(at, mean, label=name)
        axes.plot(at[-1], mean[-1], "o", color=drawn.get_color())
    axes.set(xscale="log", xlabel="evaluations", ylabel="R_like of the best so far, mean over pairs", ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    with replacing(out) as partial:
        figure.savefig(partial, dpi=130, format="png")


def compare(data: Path, limit: int, seed: int, *, workers: int = 0, out: Path | None = None) -> str:
    """Compare all search methods on the same pairs. Returns a Markdown table; writes search.md and search.png to `out`.

    Parameters
    ----------
    data : RL parquet whose instructed rows are the pairs
    limit : pairs, at most
    seed : of the errors in the programs that the searches start from
    workers : processes; 0 = one per CPU. Times are those of processes that run side by side
    """
    pairs = list(pairs_of(data, limit, seed))
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        results = tqdm(pool.map(compared, pairs), total=len(pairs), desc="pairs", unit="pair")
        lines = [line for found in results for line in found]
    text = table(lines)
    if out is not None:
        plot(lines, out / "search.png")
        command = f"iea data compare-methods --data {data} --limit {limit} --seed {seed}"
        head = HEAD.format(command=command, date=datetime.datetime.now(datetime.UTC), pairs=len(pairs))
        write_text(out / "search.md", head + text + "\n")
    return text

"""Compare quality and cost of every search method: the paper's Figure 9.

    iea data compare-methods --data work/seed-0/data/stage2/val.parquet --out docs

Starts are the true programs with the errors of a teacher (iea.data_prep.annotate.label_noise).
"""

import datetime
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.check import read_checked
from iea.data_prep.files import write_json, write_text
from iea.data_prep.label.method import search
from iea.data_prep.label.methods import METHODS
from iea.editor import Image, Program, distance
from iea.editor.io import read_image, replacing
from iea.editor.markdown import markdown_table

HEAD = """# Search methods

Printed by `{command}`
on {date:%Y-%m-%d}: means over {pairs} pairs that the tools can express. Starts are the true programs with a teacher's errors;
evaluations are different programs rendered. "At FastSearch's cost" ends a method after as many evaluations as FastSearch
took on the same pair.

![quality against cost](search.png)

"""
MEASURED = ("R_like", "R_use", "tools", "evaluations", "ms")


@dataclass(frozen=True)
class Pair:
    """A pair to search, and the program to start from."""

    original: Image
    reference: Image
    start: Program


def pairs_of(rows: Path, count: int, seed: int) -> Iterator[Pair]:
    """Yield the first `count` instructed rows of an RL parquet, with a teacher's errors added to their programs.

    Raises
    ------
    ValueError : the file has other columns, a row that is not usable, or no instructed one; an image cannot be read
    """
    table = read_checked(rows, "EVALUATED")
    chosen = [extra for extra in table.extra_info if extra["kind"] == "edit"][:count]
    if not chosen:
        raise ValueError(
            f"{str(rows)!r} must hold rows of the kind edit, got {sorted(kinds(table))}; give another file"
        )
    for number, extra in enumerate(chosen):
        try:
            start = noisy_label(Program.from_json(extra["program"]), 1.0, np.random.default_rng([seed, number]))
            original, reference = read_image(extra["original"]), read_image(extra["reference"])
            if original.shape != reference.shape or np.array_equal(original, reference):
                raise ValueError("original and reference must have one shape and differ")
        except (OSError, ValueError) as error:
            raise ValueError(f"{str(rows)!r} must hold usable rows, got {extra['name']!r}: {error}") from None
        yield Pair(original, reference, start)


def kinds(table: pd.DataFrame) -> set[str]:
    """Return the kinds of the rows of an RL parquet."""
    return {str(extra["kind"]) for extra in table.extra_info}


def compared(pair: Pair) -> list[dict[str, Any]]:
    """Run every method on the pair twice: until it ends, and `limited` to the evaluations of FastSearch there."""
    images = pair.original, pair.reference
    cost = search(METHODS["FastSearch"], *images, pair.start).evaluations
    before = distance(*images)
    lines = []
    for method, limit in product(METHODS.values(), (None, cost)):
        found = search(method, *images, pair.start, limit=limit)
        line = {"method": method.name, "limited": limit is not None, "before": before, "trace": found.trace}
        cells = (
            found.rating["r_like"],
            found.rating["r_use"],
            len(found.program),
            found.evaluations,
            1000 * found.seconds,
        )
        lines.append(line | dict(zip(MEASURED, cells, strict=True)))
    return lines


def means(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the means of every method, cheapest first, whole and at FastSearch's cost (`_at_cost`)."""
    whole, at_cost = (
        lines[lines.limited == limited].groupby("method")[list(MEASURED)].mean() for limited in (False, True)
    )
    return whole.join(at_cost[["R_like", "R_use"]].add_suffix("_at_cost")).sort_values("evaluations")


def table(lines: pd.DataFrame) -> str:
    """Return the means of every method as Markdown."""
    rows = [
        [name, one.R_like, one.R_use, f"{one.tools:.1f}", f"{one.evaluations:.0f}", f"{one.ms:.0f}"]
        + [one.R_like_at_cost, one.R_use_at_cost]
        for name, one in means(lines).iterrows()
    ]
    return markdown_table(["method", *MEASURED, "R_like at FastSearch's cost", "R_use"], rows)


def reached(trace: Sequence[tuple[int, float]], before: float, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return R_like of the best program after each number of evaluations in `at`; before the first it is 0."""
    steps = np.array([step for step, _ in trace])
    best = np.array([before, *(distance for _, distance in trace)])
    return np.asarray(np.maximum(-1, 1 - best[np.searchsorted(steps, at, side="right")] / before))


def plot(lines: pd.DataFrame, out: Path) -> None:
    """Draw mean R_like against evaluations as PNG: a line per method that ends with a dot at its mean cost."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name, whole in lines[~lines.limited].groupby("method", sort=False):
        at = np.unique(np.geomspace(1, max(1.0, whole.evaluations.mean()), 60).astype(np.int64))
        curves = [reached(one.trace, one.before, at) for _, one in whole.iterrows()]
        mean = np.mean(curves, axis=0)
        (drawn,) = axes.plot(at, mean, label=name)
        axes.plot(at[-1], mean[-1], "o", color=drawn.get_color())
    axes.set(xscale="log", xlabel="evaluations", ylabel="R_like of the best so far, mean over pairs", ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    with replacing(out) as partial:
        figure.savefig(partial, dpi=130, format="png")


def compare(data: Path, limit: int, seed: int, *, workers: int = 0, out: Path | None = None) -> str:
    """Compare all search methods on the same pairs. Returns a Markdown table; writes search.md, .json and .png to `out`.

    Parameters
    ----------
    data : RL parquet whose instructed rows are the pairs
    limit : pairs, at most
    seed : of the errors in the programs that the searches start from
    workers : processes; 0 = one per CPU. Times are those of processes that run side by side
    """
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)  # before the work
    pairs = list(pairs_of(data, limit, seed))
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        results = tqdm(pool.map(compared, pairs), total=len(pairs), desc="pairs", unit="pair")
        lines = pd.DataFrame([line for found in results for line in found])
    text = table(lines)
    if out is not None:
        plot(lines, out / "search.png")
        command = f"iea data compare-methods --data {data} --limit {limit} --seed {seed}"
        head = HEAD.format(command=command, date=datetime.datetime.now(datetime.UTC), pairs=len(pairs))
        write_text(out / "search.md", head + text + "\n")
        write_json(out / "search.json", {"pairs": len(pairs), "means": means(lines).to_dict("index")})
    return text

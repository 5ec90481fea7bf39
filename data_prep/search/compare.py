"""Quality against cost of every search method: the paper's Figure 9.

    python -m iea.data_prep.search.compare --rows work/seed-0/data/val.parquet --out docs

Starts are what a distilling teacher might have written: the true programs with its faults (iea.data_prep.labels).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray
from tqdm import tqdm

from iea.data_prep.labels import noisy_label
from iea.data_prep.search import METHODS, search
from iea.editor import Image, Program, distance
from iea.editor.io import read_image

HEAD = """# Search methods

Printed by `{command}` on {date:%Y-%m-%d}: {pairs} pairs, means. R_like and R_use at the pictures' own size; evaluations
are different programs rendered. "at FastSearch's cost" ends a method after as many evaluations as FastSearch took on
the same pair.

![quality against cost](search.png)

"""


@dataclass(frozen=True)
class Pair:
    """A pair to search, and the program to start from."""

    name: str
    original: Image
    reference: Image
    start: Program


def pairs_of(rows: Path, count: int, seed: int) -> Iterator[Pair]:
    """The first `count` instructed rows of an RL parquet, with a teacher's faults added to their programs."""
    table = pd.read_parquet(rows)
    chosen = [extra for extra in table.extra_info if extra["kind"] == "edit"][:count]
    for number, extra in enumerate(chosen):
        start = noisy_label(Program.from_json(extra["program"]), 1.0, np.random.default_rng([seed, number]))
        original, reference = (read_image(extra[key]) for key in ("original", "reference"))
        yield Pair(f"{number}", original, reference, start)


def compared(pair: Pair) -> list[dict[str, Any]]:
    """One line a method: what it found on the pair, also when given no more evaluations than FastSearch took."""
    lines = []
    before = distance(pair.original, pair.reference)
    fast = search(METHODS["FastSearch"], pair.original, pair.reference, pair.start)
    for method in METHODS.values():
        for limit in (None, fast.evaluations):
            found = search(method, pair.original, pair.reference, pair.start, limit=limit)
            lines.append(
                {
                    "pair": pair.name,
                    "method": method.name,
                    "limited": limit is not None,
                    "r_like": found.rating.r_like,
                    "r_use": found.rating.r_use,
                    "tools": len(found.program),
                    "evaluations": found.evaluations,
                    "ms": 1000 * found.seconds,
                    "before": before,
                    "trace": found.trace,
                }
            )
    return lines


def table(results: pd.DataFrame) -> str:
    """Markdown: means of every method, cheapest first, whole and at FastSearch's cost."""
    columns = ["r_like", "r_use", "tools", "evaluations", "ms"]
    whole = results[~results.limited].groupby("method")[columns].mean().sort_values("evaluations")
    limited = results[results.limited].groupby("method")[["r_like", "r_use"]].mean()
    lines = [
        "| method | R_like | R_use | tools | evaluations | ms | R_like at FastSearch's cost | R_use |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in whole.iterrows():
        cells = [
            f"{row.r_like:.3f}",
            f"{row.r_use:.3f}",
            f"{row.tools:.1f}",
            f"{row.evaluations:.0f}",
            f"{row.ms:.0f}",
        ]
        cells += [f"{limited.r_like[name]:.3f}", f"{limited.r_use[name]:.3f}"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def reached(trace: Sequence[tuple[int, float]], before: float, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """R_like of the best program after each number of evaluations in `at`; 0, the unedited picture's, before the first."""
    steps = np.array([step for step, _ in trace])
    best = np.array([before, *(distance for _, distance in trace)])
    return np.asarray(np.maximum(-1, 1 - best[np.searchsorted(steps, at, side="right")] / before))


def plot(results: pd.DataFrame, out: Path) -> None:
    """Mean R_like against evaluations, a line a method up to its mean cost and a dot there, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name, rows in results[~results.limited].groupby("method"):
        at = np.unique(np.geomspace(1, max(2, rows.evaluations.mean()), 60).astype(np.int64))
        mean = np.mean([reached(row.trace, row.before, at) for row in rows.itertuples()], axis=0)
        (line,) = axes.plot(at, mean, label=name)
        axes.plot(at[-1], mean[-1], "o", color=line.get_color())
    axes.set(
        xscale="log", xlabel="evaluations", ylabel="R_like of the best so far, mean over pairs", ylim=(0, 1)
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    partial = out.with_name(out.stem + ".partial.png")
    figure.savefig(partial, dpi=130)
    partial.replace(out)


def main(
    rows: Annotated[Path, typer.Option(help="RL parquet whose instructed rows are the pairs")],
    count: Annotated[int, typer.Option(min=1, help="pairs")] = 60,
    seed: Annotated[int, typer.Option(help="of the teacher's faults")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="processes")] = 2,
    out: Annotated[Path | None, typer.Option(help="folder for search.md and search.png")] = None,
) -> None:
    """Compare all search methods on the same pairs."""
    every = list(pairs_of(rows, count, seed))
    lines: list[dict[str, Any]] = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for found in tqdm(pool.map(compared, every), total=len(every), desc="pairs", unit="pair"):
            lines += found
    results = pd.DataFrame(lines)
    text = table(results)
    typer.echo(text)
    if out is not None:
        plot(results, out / "search.png")
        command = f"python -m iea.data_prep.search.compare --count {count} --seed {seed}"
        head = HEAD.format(command=command, date=datetime.datetime.now(datetime.UTC), pairs=len(every))
        (out / "search.md").write_text(head + text + "\n")


if __name__ == "__main__":
    typer.run(main)

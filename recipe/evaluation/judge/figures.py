"""How good a judge's answers are: one row a pair, with `kind`, `score` (the rubric's) and `answer` (the judge's)."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pandas as pd

from iea.reward_fns.judge.prompt import HIGHEST, LOWEST

COLUMNS = ("rows", "MAE", "accuracy", "within 1", "Spearman")


def summary(examined: pd.DataFrame) -> pd.DataFrame:
    """The judge beside the two best that know no sentence: the most frequent score, and the median one.

    Both are taken from the very rows, so that no other constant could do better by accuracy and by MAE.
    """
    scores = examined.score
    rows = {
        "judge": examined,
        "always the most frequent": examined.assign(answer=scores.mode().min()),
        "always the median": examined.assign(answer=round(scores.median())),
    }
    return pd.DataFrame([_figures(table) for table in rows.values()], index=list(rows), columns=COLUMNS)


def by_kind(examined: pd.DataFrame) -> pd.DataFrame:
    """The judge's figures for each kind of fault."""
    kinds = {str(kind): table for kind, table in examined.groupby("kind", sort=False)}
    return pd.DataFrame([_figures(table) for table in kinds.values()], index=list(kinds), columns=COLUMNS)


def _figures(table: pd.DataFrame) -> tuple[int, float, float, float, float]:
    from scipy.stats import spearmanr

    off = (table.answer - table.score).abs()
    constant = table.answer.nunique() < 2 or table.score.nunique() < 2  # ranks say nothing then
    ranked = float("nan") if constant else float(spearmanr(table.answer, table.score).statistic)
    return len(table), float(off.mean()), float((off == 0).mean()), float((off <= 1).mean()), ranked


def markdown(table: pd.DataFrame, title: str) -> str:
    """A table of figures with its row names under `title`."""
    lines = [f"| {title} | {' | '.join(map(str, table.columns))} |", "|---" * (1 + len(table.columns)) + "|"]
    for name, row in zip(table.index, table.itertuples(index=False), strict=True):
        lines.append(f"| {name} | {' | '.join(map(_shown, row))} |")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3f}"
    return str(value)


def plot_confusion(examined: pd.DataFrame, out: Path) -> None:
    """The judge's score against the rubric's, as PNG: shares of each column's rows, their number below it."""
    import numpy as np
    from matplotlib.figure import Figure

    size = HIGHEST - LOWEST + 1
    counts = np.zeros((size, size))
    np.add.at(counts, (examined.answer.to_numpy() - LOWEST, examined.score.to_numpy() - LOWEST), 1)
    rows = counts.sum(axis=0)
    figure = Figure(figsize=(8.5, 7.5), layout="constrained")
    axes = figure.add_subplot()
    extent = (LOWEST - 0.5, HIGHEST + 0.5, LOWEST - 0.5, HIGHEST + 0.5)
    shares = np.where(rows > 0, counts / np.maximum(rows, 1), np.nan)
    image = axes.imshow(shares, origin="lower", extent=extent, cmap="Blues", vmin=0, vmax=1)
    axes.plot([LOWEST, HIGHEST], [LOWEST, HIGHEST], color="black", linewidth=0.5, linestyle=":")
    ticks = range(LOWEST, HIGHEST + 1)
    axes.set_xticks(
        ticks, [f"{score}\n{count:.0f}" for score, count in zip(ticks, rows, strict=True)], fontsize=7
    )
    axes.set_yticks(ticks)
    axes.set(xlabel="the rubric's score, and how many rows have it", ylabel="the judge's score")
    axes.set_title(f"{len(examined)} held-out pairs")
    figure.colorbar(image, label="share of the rows of this score")
    partial = out.with_name(out.stem + ".partial.png")
    figure.savefig(partial, dpi=130)
    partial.replace(out)

"""Draw the reward curve of a GRPO stage and the confusion of a judge, each as a PNG `out`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iea.editor.io import replacing
from iea.recipe.evaluation.logs import logged
from iea.recipe.evaluation.results import KINDS
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST
from iea.reward_fns.terms import TERMS


def plot_reward(log: pd.DataFrame, out: Path) -> None:
    """Plot the reward and its terms against the step; `log` is `iea.recipe.evaluation.logs.read_log` of a GRPO stage."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(log.index, logged(log, "critic/score/mean"), color="black", linewidth=2, label="reward, all rollouts")
    for (kind, title), style in zip(KINDS.items(), ("-", "--", ":", "-."), strict=True):
        for number, term in enumerate(TERMS):
            key = f"reward/iea/{kind}/{term}"
            if key in log:
                axes.plot(log.index, log[key], style, color=f"C{number}", linewidth=1, label=f"{term}, {title}")
    axes.axhline(0, color="gray", linewidth=0.5)
    axes.set(xlabel="GRPO step", ylabel="mean over the step's rollouts", title="Training reward")
    axes.legend(fontsize=8, loc="lower right")
    save(figure, out)


def plot_confusion(answers: pd.DataFrame, out: Path) -> None:
    """Plot the judge's score against the rubric's: the share of each column's rows, their number below it.

    Parameters
    ----------
    answers : one line per pair, with the rubric's `score` and the judge's `answer`
    """
    from matplotlib.figure import Figure

    counts = confusion(answers)
    rows = counts.sum(axis=0)
    figure = Figure(figsize=(8.5, 7.5), layout="constrained")
    axes = figure.add_subplot()
    extent = (LOWEST - 0.5, HIGHEST + 0.5, LOWEST - 0.5, HIGHEST + 0.5)
    shares = np.where(rows > 0, counts / np.maximum(rows, 1), np.nan)
    image = axes.imshow(shares, origin="lower", extent=extent, cmap="Blues", vmin=0, vmax=1)
    axes.plot([LOWEST, HIGHEST], [LOWEST, HIGHEST], color="black", linewidth=0.5, linestyle=":")
    ticks = range(LOWEST, HIGHEST + 1)
    axes.set_xticks(ticks, [f"{score}\n{count:.0f}" for score, count in zip(ticks, rows, strict=True)], fontsize=7)
    axes.set_yticks(ticks)
    axes.set(xlabel="the rubric's score, and its number of rows", ylabel="the judge's score")
    axes.set_title(f"{len(answers)} held-out pairs")
    figure.colorbar(image, label="share of the rows of this score")
    save(figure, out)


def confusion(answers: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Count the pairs by score: (21, 21), [judge's score - LOWEST, rubric's score - LOWEST]."""
    size = HIGHEST - LOWEST + 1
    counts = np.zeros((size, size))
    np.add.at(counts, (answers.answer - LOWEST, answers.score - LOWEST), 1)
    return counts


def save(figure: Any, out: Path) -> None:
    """Write a figure as a PNG, atomically."""
    with replacing(out) as partial:
        figure.savefig(partial, dpi=130, format="png")

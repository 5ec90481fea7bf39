"""Draw the reward curve and the contact sheet of a finished run, and the confusion of a judge, each as a PNG `out`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iea.data_prep.inspect.contact_sheet import ACCENT, PALE, Line, SheetRow, draw_sheet
from iea.editor import Image, render
from iea.editor.io import read_image, replacing, write_image
from iea.editor.program import ProgramError
from iea.recipe.evaluation.logs import logged
from iea.recipe.evaluation.results import KINDS
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.terms import TERMS


def plot_reward(log: pd.DataFrame, out: Path) -> None:
    """Plot the reward and its terms against the step; `log` is `iea.recipe.evaluation.logs.read_log` of a GRPO stage."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(log.index, logged(log, "critic/score/mean"), color="black", linewidth=2, label="reward, all rollouts")
    for (kind, title), style in zip(KINDS.items(), ("-", "--"), strict=True):
        for number, term in enumerate(TERMS):
            key = f"reward/iea/{kind}/{term}"
            if key in log:
                axes.plot(log.index, log[key], style, color=f"C{number}", linewidth=1, label=f"{term}, {title}")
    axes.axhline(0, color="gray", linewidth=0.5)
    axes.set(xlabel="GRPO step", ylabel="mean over the step's rollouts", title="Training reward")
    axes.legend(fontsize=8, loc="lower right")
    _save(figure, out)


def contact_sheet(before: pd.DataFrame, after: pd.DataFrame, out: Path, rows: int = 6) -> None:
    """Draw originals, edits before and after GRPO, and references.

    Parameters
    ----------
    before, after : results of the policy after SFT and after GRPO, of the same rows in the same order
    rows : number of rows, taken in turns from photographs and kinds in the order of the file, for any reward; a third of
        them without an instruction
    """
    turn = before.groupby(["photo", "kind"]).cumcount()
    order = before.assign(turn=turn, position=range(len(before))).sort_values(["turn", "kind", "photo"])
    edit, auto = (order[order.kind == kind].position.tolist() for kind in KINDS)
    chosen = [*edit[: rows - rows // 3], *auto[: rows // 3]]
    write_image(out, draw_sheet([_sheet_row(before.iloc[place], after.iloc[place]) for place in chosen]))


def _sheet_row(before: Any, after: Any) -> SheetRow:
    original = read_image(before.original)
    lines = [
        Line(before.instruction, ACCENT),
        Line(f"After SFT: {before.answer}"),
        Line(f"After GRPO: {after.answer}"),
        Line(f"Reference: {before.program}", PALE),
    ]
    panels: list[tuple[str, str | Image]] = [
        ("original", original),
        (f"after SFT, reward {before.score:+.2f}", _edited(original, before.answer)),
        (f"after GRPO, reward {after.score:+.2f}", _edited(original, after.answer)),
        ("reference", before.reference),
    ]
    return SheetRow(lines, panels)


def _edited(original: Image, answer: str) -> Image:
    try:
        return render(original, parse_answer(answer))
    except ProgramError:
        return original


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
    _save(figure, out)


def confusion(answers: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Count the pairs by score: (21, 21), [judge's score - LOWEST, rubric's score - LOWEST]."""
    size = HIGHEST - LOWEST + 1
    counts = np.zeros((size, size))
    np.add.at(counts, (answers.answer - LOWEST, answers.score - LOWEST), 1)
    return counts


def _save(figure: Any, out: Path) -> None:
    with replacing(out) as partial:
        figure.savefig(partial, dpi=130, format="png")

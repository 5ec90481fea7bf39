"""What a finished run shows: the table, the reward curve and the contact sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iea.editor import render
from iea.editor.io import read_image
from iea.editor.program import ProgramError
from iea.reward_fns.parse import parse_answer

COLUMNS = {"parsable": "valid %", "d_after": "D", "r_like": "R_like", "r_use": "R_use", "score": "reward"}
KIND_NAMES = {"edit": "with instruction", "auto": "without instruction"}


def table(results: Mapping[str, pd.DataFrame]) -> str:
    """Markdown: one line for each stage and kind of row.

    Parameters
    ----------
    results : stage name -> what iea.recipe.evaluation.policy returned
    """
    lines = [
        "| stage | rows | n | " + " | ".join(COLUMNS.values()) + " |",
        "|---|---|---|" + "---|" * len(COLUMNS),
    ]
    for stage, rows in results.items():
        parts = {"all": rows} | {KIND_NAMES[str(kind)]: part for kind, part in rows.groupby("kind")}
        lines += [f"| {stage} | {name} | {len(part)} | {cells(part)} |" for name, part in parts.items()]
    return "\n".join(lines)


def photo_table(results: Mapping[str, pd.DataFrame]) -> str:
    """Markdown: the mean reward of each stage on each held-out photograph."""
    stages = list(results)
    means = {stage: rows.groupby("photo").score.mean() for stage, rows in results.items()}
    lines = ["| photograph | n | " + " | ".join(stages) + " |", "|---|---|" + "---|" * len(stages)]
    for photo, rows in results[stages[0]].groupby("photo"):
        cells = " | ".join(f"{means[stage].loc[photo]:.3f}" for stage in stages)
        lines.append(f"| {Path(str(photo)).stem} | {len(rows)} | {cells} |")
    return "\n".join(lines)


def cells(rows: pd.DataFrame) -> str:
    means = rows[list(COLUMNS)].mean()
    return " | ".join(f"{100 * v:.1f}" if k == "parsable" else f"{v:.3f}" for k, v in means.items())


def paired_difference(
    a: pd.DataFrame, b: pd.DataFrame, *, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of `a.score - b.score` over the same rows, with its 95 % percentile bootstrap interval over rows.

    Returns
    -------
    mean, low, high
    """
    joined = a.merge(b, on="index", suffixes=("_a", "_b"), validate="one_to_one")
    differences = (joined.score_a - joined.score_b).to_numpy()
    picks = np.random.default_rng(seed).integers(0, len(differences), (resamples, len(differences)))
    low, high = np.percentile(differences[picks].mean(axis=1), [2.5, 97.5])
    return float(differences.mean()), float(low), float(high)


def read_log(folder: Path) -> pd.DataFrame:
    """verl's file logger, one line a step; where a step was logged twice (a resumed run) the later file counts."""
    steps: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            steps.setdefault(entry["step"], {}).update(entry["data"])
    return pd.DataFrame.from_dict(steps, orient="index").sort_index()


def stage_seconds(folder: Path) -> float:
    """Wall time of a stage, start-up included, from verl's metric files, which are named by their start in ns."""
    return sum(path.stat().st_mtime - int(path.stem) / 1e9 for path in folder.glob("*.jsonl"))


def plot_reward(log: pd.DataFrame, out: Path) -> None:
    """Training reward and its components against the step, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(log.index, log["critic/score/mean"], color="black", linewidth=2, label="reward, all rollouts")
    names = {"iea/edit": "with instruction", "iea/auto": "without"}
    for (source, label), style in zip(names.items(), ("-", "--"), strict=True):
        for component, colour in (("r_like", "tab:blue"), ("r_use", "tab:orange")):
            key = f"reward/{source}/{component}"
            if key in log:
                title = component.replace("r_", "R_")
                axes.plot(log.index, log[key], style, color=colour, linewidth=1, label=f"{title}, {label}")
    axes.axhline(0, color="grey", linewidth=0.5)
    axes.set(xlabel="GRPO step", ylabel="mean over the step's rollouts", title="Training reward")
    axes.legend(fontsize=8, loc="lower right")
    _save(figure, out)


def contact_sheet(before: pd.DataFrame, after: pd.DataFrame, out: Path, rows: int = 6) -> None:
    """Original, the policy's edit before and after GRPO, and the reference, for rows spread over the photographs."""
    from matplotlib.figure import Figure

    chosen = _spread(before, rows)
    figure = Figure(figsize=(10, 2.75 * len(chosen)), layout="constrained")
    grid = figure.subplots(len(chosen), 4, squeeze=False)
    for line, position in zip(grid, chosen, strict=True):
        old, new = before.iloc[position], after.iloc[position]
        original = read_image(old.original)
        panels = [
            ("original", original, old.instruction),
            (f"after SFT  {old.score:+.2f}", _edited(original, old.answer), old.answer),
            (f"after GRPO  {new.score:+.2f}", _edited(original, new.answer), new.answer),
            ("reference", read_image(old.reference), old.program),
        ]
        for axes, (title, picture, caption) in zip(line, panels, strict=True):
            axes.imshow(picture)
            axes.set_title(title, fontsize=9)
            axes.set_xlabel(_wrapped(caption), fontsize=6)
            axes.set(xticks=[], yticks=[])
    _save(figure, out)


def _spread(table: pd.DataFrame, rows: int) -> list[int]:
    """Positions of rows that take turns over photograph and kind, in the file's order: no picking by result."""
    turn = table.groupby(["photo", "kind"]).cumcount()
    order = table.assign(turn=turn, position=range(len(table))).sort_values(["turn", "kind", "photo"])
    kinds = [order[order.kind == kind].position.tolist() for kind in ("edit", "auto")]
    return kinds[0][: rows - rows // 3] + kinds[1][: rows // 3]


def _edited(original: Any, answer: str) -> Any:
    try:
        return render(original, parse_answer(answer))
    except ProgramError:
        return original


def _wrapped(text: str, width: int = 46) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width)[:4])


def _save(figure: Any, out: Path) -> None:
    partial = out.with_name(out.stem + ".partial.png")
    figure.savefig(partial, dpi=130)
    partial.replace(out)

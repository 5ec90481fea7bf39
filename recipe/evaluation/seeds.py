"""Several finished runs side by side: what holds in every seed.

python -m iea.recipe.evaluation.seeds work/seed-0 work/seed-1 work/seed-2
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from omegaconf import OmegaConf

from iea.data_prep.annotate.label_noise import label_of
from iea.data_prep.synthesize.rows import RESTORATION_EVERY as AUTO_EVERY
from iea.editor import Program
from iea.editor.io import read_image
from iea.recipe.evaluation import report
from iea.recipe.pipeline.stages import SETTINGS
from iea.reward_fns.score import score_text

STAGES = {"untrained": "before SFT", "sft": "after SFT", "grpo": "after GRPO", "control": "control: more SFT"}


def side_by_side(runs: list[Path]) -> str:
    """Markdown: every stage of every run and setting, the gains, and the headroom the labels leave by design.

    Parameters
    ----------
    runs : home folders of runs of iea.recipe.pipeline.demo; a setting that lacks a stage is shown without it

    Raises
    ------
    ValueError : a run has no finished setting, or two have one name
    """
    results = {
        f"{run.name} {setting}": found
        for setting in SETTINGS
        for run in runs
        if (found := _results(run, setting))
    }
    if len({run.name for run in runs}) < len(runs):
        raise ValueError(f"runs must have different names, got {[str(run) for run in runs]}; rename a folder")
    for run in runs:
        if not any(name.startswith(f"{run.name} ") for name in results):
            raise ValueError(f"{run} must hold a finished run; run iea.recipe.pipeline.demo to its end")
    parts = [_stages(results), _gains(results), _photographs(results), _headroom(runs), _times(runs)]
    return "\n\n".join("\n".join(part) for part in parts)


def _results(run: Path, setting: str) -> dict[str, pd.DataFrame]:
    """The evaluations of a run's setting; empty where it is not finished."""
    names = {"untrained": "untrained", "sft": "sft"} | {
        name: f"{name}_{setting}" for name in ("grpo", "grpo_grey", "control")
    }
    files = {name: run / "evaluation" / f"{file}.parquet" for name, file in names.items()}
    found = {name: pd.read_parquet(path) for name, path in files.items() if path.exists()}
    return found if {"sft", "grpo", "grpo_grey"} <= set(found) else {}


def _stages(results: dict[str, dict[str, pd.DataFrame]]) -> list[str]:
    lines = [
        "| run | stage | " + " | ".join(report.COLUMNS.values()) + " |",
        "|---|---|" + "---|" * len(report.COLUMNS),
    ]
    for name, title in STAGES.items():
        for run, stages in results.items():
            if name in stages:
                lines.append(f"| {run} | {title} | {report.cells(stages[name])} |")
    return lines


def _gains(results: dict[str, dict[str, pd.DataFrame]]) -> list[str]:
    lines = ["| run | GRPO - SFT | GRPO - control | seen - grey, no instruction |", "|---|---|---|---|"]
    for run, stages in results.items():
        grpo, grey = stages["grpo"], stages["grpo_grey"]
        cells = [
            _interval(grpo, stages["sft"]),
            _interval(grpo, stages["control"]) if "control" in stages else "not run",
            _interval(grpo[grpo.kind == "auto"], grey[grey.kind == "auto"]),
        ]
        lines.append(f"| {run} | " + " | ".join(cells) + " |")
    return lines


def _interval(a: pd.DataFrame, b: pd.DataFrame) -> str:
    mean, low, high = report.paired_difference(a, b)
    return f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"


def _photographs(results: dict[str, dict[str, pd.DataFrame]]) -> list[str]:
    lines = ["| run | photograph | rows | reward after SFT | after GRPO |", "|---|---|---|---|---|"]
    for run, stages in results.items():
        grpo = stages["grpo"].groupby("photo").score.mean()
        for photo, rows in stages["sft"].groupby("photo"):
            name = Path(str(photo)).stem
            lines.append(
                f"| {run} | {name} | {len(rows)} | {rows.score.mean():.3f} | {grpo.loc[photo]:.3f} |"
            )
    return lines


def _headroom(runs: list[Path]) -> list[str]:
    lines = [
        "| run | rows | reward of the SFT labels | of the true programs | by construction |",
        "|---|---|---|---|---|",
    ]
    for run in runs:
        for kind, rows in pd.DataFrame(_label_scores(run)).groupby("kind"):
            labels, programs = rows.label.mean(), rows.program.mean()
            name = report.KIND_NAMES.get(str(kind), str(kind))
            lines.append(
                f"| {run.name} | {name} | {labels:.3f} | {programs:.3f} | {programs - labels:+.3f} |"
            )
    return lines


def _label_scores(run: Path) -> Iterator[dict[str, object]]:
    """Yield the kind of every held-out row and the rewards of its noisy label and of its program."""
    settings = json.loads((run / "data/stage1/manifest.json").read_text())["settings"]
    for row in pd.read_parquet(run / "data/stage2/val.parquet").extra_info:
        program = Program.from_json(row["program"])
        label = label_of(program, settings["label_noise"], settings["seed"], row["name"])
        pair = (read_image(row["original"]), read_image(row["reference"]))
        scores = {
            key: score_text(*pair, one.to_json())["score"]
            for key, one in {"label": label, "program": program}.items()
        }
        yield {"kind": row["kind"], **scores}


def _times(runs: list[Path]) -> list[str]:
    """Seconds a step, and the share of a GRPO step that its rewards would take if nothing else ran meanwhile."""
    lines = [
        "| run | SFT, s a step | GRPO, s a step | reward, ms an answer | rewards, share of a step |",
        "|---|---|---|---|---|",
    ]
    for run in runs:
        sft = report.stage_seconds(run / "logs" / "sft") / len(report.read_log(run / "logs" / "sft"))
        for logs in grpo_logs(run):
            seconds = report.read_log(logs)["timing_s/step"].median()
            reward_ms, share = reward_cost(logs)
            name = f"{run.name} {logs.name.removeprefix('grpo_')}"
            lines.append(f"| {name} | {sft:.2f} | {seconds:.2f} | {reward_ms:.1f} | {100 * share:.1f} % |")
    return lines


def grpo_logs(run: Path) -> list[Path]:
    """The log folders of the settings whose GRPO a run has begun."""
    return [logs for setting in SETTINGS if (logs := run / "logs" / f"grpo_{setting}").exists()]


def reward_cost(logs: Path) -> tuple[float, float]:
    """Milliseconds an answer, and the share of a GRPO step, that the rewards took; medians over the steps logged."""
    log = report.read_log(logs)
    config = OmegaConf.load(logs / "hydra" / ".hydra" / "config.yaml")
    answers = config.data.train_batch_size * config.actor_rollout_ref.rollout.n
    # a row is without instruction every AUTO_EVERY-th time
    auto, edit = (log[f"reward/iea/{kind}/reward_ms"] for kind in ("auto", "edit"))
    reward_ms = (auto.fillna(edit) + (AUTO_EVERY - 1) * edit) / AUTO_EVERY
    share = answers * reward_ms / 1000 / log["timing_s/step"]
    return float(reward_ms.median()), float(share.median())


def main(runs: Annotated[list[Path], typer.Argument(help="home folders of finished runs")]) -> None:
    """Print the tables of several runs."""
    print(side_by_side(runs))


if __name__ == "__main__":
    typer.run(main)

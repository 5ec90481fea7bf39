"""`iea train`, `iea evaluate`, `iea report`: the policy, from photographs to tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options


def _settings() -> list[str]:
    from iea.recipe.pipeline.stages import SETTINGS

    return list(SETTINGS)


def train(
    home: options.Home = Path("work"),
    setting: Annotated[
        str, typer.Option(autocompletion=_settings, help="Length of GRPO: quick or full.")
    ] = "quick",
    seed: options.Seed = 0,
    control: Annotated[
        bool, typer.Option("--control", help="Also train a control: more SFT, for as long as GRPO took.")
    ] = False,
) -> None:
    """Train and evaluate a tiny policy from end to end: data, SFT, GRPO, tables and pictures.

    Safe to interrupt: the same command reuses what is finished and resumes the rest. The seed also picks the held-out
    photographs.
    """
    from iea.recipe.pipeline.demo import run_demo

    run_demo(home, setting, seed, control)


def evaluate(
    model: options.Model,
    data: options.Data,
    out: options.OutFile,
    grey: Annotated[bool, typer.Option("--grey", help="Hide the photographs from the policy.")] = False,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 64,
    judge_url: Annotated[
        str, typer.Option(help="OpenAI-compatible server of the judge of summaries, .../v1.")
    ] = "",
    judge_model: Annotated[str, typer.Option(help="Name under which it serves the judge.")] = "",
) -> None:
    """Score a policy's greedy answers to held-out rows with the training reward."""
    import json

    from iea.recipe.evaluation.policy import evaluate, write_results

    judge = {"backend": "url", "url": judge_url, "model": judge_model} if judge_url else None
    results = evaluate(model, data, grey=grey, max_new_tokens=max_new_tokens, judge=judge)
    write_results(results, out)
    means = results[["parsable", "d_after", "r_like", "r_use", "score"]].mean()
    typer.echo(json.dumps(means.round(4).to_dict()))


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs, such as work/seed-0.")],
) -> None:
    """Print the tables of several finished runs side by side."""
    from iea.recipe.evaluation.seeds import side_by_side

    typer.echo(side_by_side(runs))

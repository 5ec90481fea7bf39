"""`iea train`, `iea evaluate`, `iea report`: the policy, from photographs to tables."""

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options


def _settings() -> list[str]:
    from iea.recipe.pipeline.stages import SETTINGS

    return list(SETTINGS)


def _systems() -> list[str]:
    from iea.recipe.evaluation.systems import SYSTEMS

    return list(SYSTEMS)


def train(
    home: options.Home = Path("work"),
    setting: Annotated[str, typer.Option(autocompletion=_settings, help="Length of GRPO: quick or full.")] = "quick",
    seed: options.Seed = 0,
    control: Annotated[
        bool, typer.Option("--control", help="Also train a control: more SFT, for as long as GRPO took.")
    ] = False,
) -> None:
    """Train and evaluate a tiny policy: data, SFT, GRPO, tables and plots.

    Safe to interrupt: the same command reuses what is finished and resumes the rest. The seed also picks the held-out
    photographs.
    """
    from iea.recipe.pipeline.demo import run_demo

    typer.echo(f"\n{run_demo(home, setting, seed, control)}")


def evaluate(
    data: options.Data,
    out: options.OutFile,
    system: Annotated[
        str,
        typer.Option(autocompletion=_systems, help="System to evaluate: a checkpoint, or what it is compared with."),
    ] = "checkpoint",
    model: Annotated[Path | None, typer.Option(help="Folder of a Hugging Face model: the policy.")] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer, tokens.")] = 64,
    judge_url: Annotated[str, typer.Option(help="Endpoint of the judge of summaries, .../v1.")] = "",
    judge_model: Annotated[str, typer.Option(help="Name of the judge at the endpoint.")] = "",
) -> None:
    """Score a system's answers to held-out rows with the training reward."""
    import json

    from iea.recipe.evaluation.metrics import METRICS
    from iea.recipe.evaluation.run import evaluate, write_results
    from iea.recipe.evaluation.systems import SYSTEMS, Settings

    if system not in SYSTEMS:
        raise ValueError(f"--system must be one of {', '.join(SYSTEMS)}, got {system!r}")
    judge = {"backend": "url", "url": judge_url, "model": judge_model} if judge_url else None
    settings = Settings(model=model, max_new_tokens=max_new_tokens)
    results = evaluate(SYSTEMS[system], data, settings, judge=judge)
    write_results(results, out)
    typer.echo(json.dumps({name: round(metric.value(results), 4) for name, metric in METRICS.items()}))


def report(runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs, such as work/seed-0.")]) -> None:
    """Print the tables of several finished runs side by side."""
    from iea.recipe.pipeline.report import report

    typer.echo(report(runs))

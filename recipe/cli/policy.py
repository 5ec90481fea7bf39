"""`iea train`, `iea evaluate`, `iea report`: the policy, from photographs to printed tables."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from iea.recipe.cli import options


def _systems() -> list[str]:
    from iea.recipe.evaluation.systems import SYSTEMS

    return list(SYSTEMS)


def train(
    home: options.Home = Path("work"),
    setting: Annotated[Literal["quick", "full"], typer.Option(help="Length of GRPO.")] = "quick",
    seed: options.Seed = 0,
    control: Annotated[
        bool, typer.Option("--control", help="Also train a control: more SFT, for as long as GRPO took.")
    ] = False,
) -> None:
    """Train and evaluate a tiny policy: data, SFT, GRPO, tables and plots.

    Safe to interrupt: the same command reuses finished stages and resumes the others.
    The seed also picks the held-out photographs.
    """
    from iea.recipe.pipeline.demo import run_demo

    typer.echo(f"\n{run_demo(home, setting, seed, control)}")


def evaluate(
    data: options.Data,
    out: options.OutFile,
    system: Annotated[
        str,
        typer.Option(
            autocompletion=_systems,
            help="System to evaluate: checkpoint (the policy in --model), gray, noisy_labels or true_programs.",
        ),
    ] = "checkpoint",
    model: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of a Hugging Face model: the policy.")
    ] = None,
    max_new_tokens: Annotated[
        int,
        typer.Option(
            min=1, help="Longest answer, tokens. 64 suits the tiny policy; use 512 for answers with a rationale."
        ),
    ] = 64,
    judge_url: Annotated[str, typer.Option(help="Endpoint of the judge of summaries, .../v1.")] = "",
    judge_model: Annotated[str, typer.Option(help="Name of the judge at the endpoint.")] = "",
) -> None:
    """Score a system's answers to held-out rows with the training reward.

    Prints the metrics of all rows, then the means of each data source.
    """
    import json
    from math import isfinite

    from iea.data_prep.files import refuse_overwriting
    from iea.recipe.evaluation.evaluate import evaluate, write_results
    from iea.recipe.evaluation.metrics import METRICS, measured
    from iea.recipe.evaluation.systems import SYSTEMS, Settings
    from iea.recipe.model_files import refuse_bad_model
    from iea.reward_fns.means import component_means

    refuse_overwriting(out, data)
    if system not in SYSTEMS:
        raise ValueError(f"--system must be one of {', '.join(SYSTEMS)}, got {system!r}")
    if model is not None:
        refuse_bad_model(model)
    judge = {"backend": "url", "url": judge_url, "model": judge_model} if judge_url else None
    results = evaluate(SYSTEMS[system], data, Settings(model=model, max_new_tokens=max_new_tokens), judge=judge)
    write_results(results, out)
    means = {name: measured(metric, results) for name, metric in METRICS.items()}
    scores = results.to_dict("records")
    means |= component_means(zip(results.data_source, scores, strict=True))  # type: ignore[arg-type]  # text columns
    # JSON has no NaN
    typer.echo(json.dumps({name: round(value, 4) if isfinite(value) else None for name, value in means.items()}))


def report(runs: Annotated[list[Path], typer.Argument(help="Folders of finished runs, such as work/seed-0.")]) -> None:
    """Print the tables of several finished runs side by side."""
    from iea.recipe.pipeline.report import report

    typer.echo(report(runs))

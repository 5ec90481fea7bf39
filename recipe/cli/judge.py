"""`iea judge`: train and evaluate the reward model of summaries."""

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options

app = typer.Typer(no_args_is_help=True, help="Train and evaluate the reward model of summaries.")


@app.command()
def train(
    home: options.Home = Path("work"),
    steps: Annotated[int, typer.Option(min=1, help="Training steps of 64 rows each.")] = 1_900,
    seed: options.Seed = 0,
) -> None:
    """Train a tiny judge from scratch and evaluate it: about a quarter of an hour on two cores.

    Safe to interrupt: the same command reuses finished parts and resumes the others.
    """
    from iea.recipe.pipeline.judge import JudgeRun, run_judge

    typer.echo(run_judge(JudgeRun(home.resolve(), steps=steps, seed=seed)))


@app.command()
def evaluate(
    model: options.Model,
    data: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Rows of judged pairs, such as OUT/judge/val.parquet.")
    ],
    out: options.Out,
    reasoned: Annotated[
        bool, typer.Option("--reasoned", help="The judge writes a rationale before its score, as the tiny one does.")
    ] = False,
) -> None:
    """Evaluate a judge: held-out pairs, the rubric's cases, attacks."""
    from iea.recipe.evaluation.judge.evaluate import evaluate
    from iea.recipe.model_files import refuse_bad_model

    refuse_bad_model(model)
    text = evaluate(model, data, out, reasoned=reasoned)
    typer.echo(f"{text}\n\nIn {out}: report.md, confusion.png, answers.parquet")

"""`iea evaluate`: several systems on one file of rows."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def _systems() -> list[str]:
    from iea.recipe.evaluation.systems import SYSTEMS

    return list(SYSTEMS)


def evaluate(
    systems: Annotated[
        list[str],
        typer.Argument(
            metavar="[LABEL:]SYSTEM[=VALUE][,OPTION=VALUE]...",
            autocompletion=_systems,
            help="Systems to evaluate, such as checkpoint=FOLDER, endpoint=URL,model=NAME, programs=FILE, "
            "pictures=FOLDER, untouched, reference or oracle; docs/evaluation.md lists all.",
        ),
    ],
    rows: Annotated[
        Path, typer.Option("--rows", "--data", exists=True, dir_okay=False, help="Parquet file of RL rows.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder of the results: LABEL.parquet and LABEL.json of each system.")
    ] = Path("evaluation"),
    metrics: Annotated[
        str, typer.Option(metavar="NAME,NAME...", help="Metrics to compute; default: all that can be.")
    ] = "",
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="Weights of metrics: alexnet, clip or sentences; may be repeated."),
    ] = None,
    judge_url: Annotated[str, typer.Option(help="Endpoint of the judge of summaries, .../v1.")] = "",
    judge_model: Annotated[
        str, typer.Option(help="Judge of summaries: its name at the endpoint, or without one its folder.")
    ] = "",
    judge_decode: Annotated[
        Literal["integer", "reasoned", "text"],
        typer.Option(help="Form of the judge's answer; the tiny judge's: reasoned."),
    ] = "integer",
) -> None:
    """Score systems on held-out rows: the training reward, and metrics of images and of sentences.

    Safe to interrupt: the same command continues, and keeps finished systems. The status is 3 if rows are unanswered.
    """
    from iea.recipe.evaluation.evaluate_systems import EvaluationConfig, evaluate_systems, tables
    from iea.recipe.evaluation.labeled_system import read_labeled_systems
    from iea.recipe.evaluation.metrics.metric import MetricSettings
    from iea.recipe.model_files import refuse_bad_model

    place = {"backend": "url", "url": judge_url} if judge_url else {"backend": "local"}
    judge = place | {"model": judge_model, "decode": judge_decode} if judge_model else None
    chosen = read_labeled_systems(systems)
    for folder in (
        *(getattr(one.options, "model", None) for one in chosen),
        Path(judge_model) if judge_model and not judge_url else None,
    ):
        if isinstance(folder, Path):
            refuse_bad_model(folder)
    config = EvaluationConfig(
        rows, out, tuple(metrics.split(",")) if metrics else (), MetricSettings(**_paths(weights or [])), judge
    )
    typer.echo("\n" + tables(evaluate_systems(chosen, config, log=typer.echo)))


def _paths(given: list[str]) -> dict[str, Path]:
    from dataclasses import fields

    from iea.recipe.evaluation.metrics.metric import MetricSettings

    known, found = [one.name for one in fields(MetricSettings)], {}
    for text in given:
        name, _, path = text.partition("=")
        if name not in known or not path:
            raise ValueError(f"--weights must be NAME=PATH with a name among {', '.join(known)}, got {text!r}")
        found[name] = Path(path)
    return found

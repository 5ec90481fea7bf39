"""`iea data`: from photographs and annotations to the parquet files that verl trains on, a command for each step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options

app = typer.Typer(
    no_args_is_help=True,
    help="Prepare data: ingest, annotate, label, synthesize and mix, or all of it with prepare.",
)

File = Annotated[Path, typer.Argument(help="Parquet file, or folder of a finished step.")]


def _sources() -> list[str]:
    from iea.data_prep.ingest.sources import SOURCES

    return list(SOURCES)


def _mixes() -> list[str]:
    from iea.data_prep.mix.mixture import mix_names

    return list(mix_names())


def _methods() -> list[str]:
    from iea.data_prep.label.methods import METHODS

    return list(METHODS)


Source = Annotated[
    str, typer.Argument(autocompletion=_sources, help="Source to read, such as gier, fivek or folder.")
]
Stage = Annotated[
    str,
    typer.Argument(
        autocompletion=_mixes, help="Mix to write, such as stage1, stage2, stage3 or judge, or a YAML file."
    ),
]
Method = Annotated[str, typer.Option(autocompletion=_methods, help="Search method.")]


@app.command()
def stats(file: File, out: options.Report = None) -> None:
    """Count the rows of a file: tasks, tools and their sizes, scores, lengths."""
    from iea.data_prep.inspect.stats import report

    typer.echo(report(file, out))


@app.command()
def show(file: File, out: options.OutFile, limit: options.Limit = 12, seed: options.Seed = 0) -> None:
    """Draw a contact sheet of rows: their images, the request and the answer."""
    from iea.data_prep.inspect.show import show

    typer.echo(show(file, out, limit, seed))


@app.command()
def coverage(
    root: Annotated[Path, typer.Option(help="Folder with GIER.json or the split files.")],
) -> None:
    """Count the pairs of GIER that are kept, and why the others are not."""
    from iea.data_prep.ingest.sources.gier_coverage import coverage

    typer.echo(coverage(root))

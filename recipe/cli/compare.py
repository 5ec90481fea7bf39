"""`iea compare`: the edits of several systems, compared by a grader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from iea.recipe.cli import options
from iea.recipe.cli.config_options import options_of

if TYPE_CHECKING:
    from iea.data_prep.annotate.online_config import VisionConfig


@options_of("iea.data_prep.annotate.online_config.VisionConfig")
def compare(
    systems: Annotated[
        list[str],
        typer.Argument(
            metavar="SYSTEM",
            help="NAME=FOLDER of edited images, NAME=FILE of results of `iea evaluate`, `original` or `reference`.",
        ),
    ],
    data: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="Parquet file of RL rows, or CSV with the columns original and request."
        ),
    ],
    out: options.Out,
    config: VisionConfig,
    part: Annotated[
        Literal["both", "grades", "verdicts"],
        typer.Option(help="Ask for grades of each edit, for verdicts on pairs of systems, or for both."),
    ] = "both",
    cache: Annotated[Path | None, typer.Option(help="Folder of paid completions; default: OUT.cache.")] = None,
) -> None:
    """Compare systems by a model that looks at their images: grades, verdicts on pairs, strengths, controls.

    Safe to interrupt: the same command resumes, and no request is paid for twice.
    The status is 3 if questions are unanswered.
    """
    from iea.recipe.evaluation.compare.compare import compare
    from iea.recipe.evaluation.compare.read import read_edits

    edits = read_edits(systems, data, out.with_name(f"{out.name}.images"))
    typer.echo(compare(edits, out, config, part=part, cache=cache))

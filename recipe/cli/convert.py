"""`iea convert`: a program of one editor as a program of the other."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def convert(
    photograph: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Photograph to fit the program on.")],
    program: Annotated[str, typer.Argument(help="Program of the other editor, as JSON or as a model's whole answer.")],
    to: Annotated[
        Literal["iea", "released"], typer.Option(help="Editor of the result: ours, or the published one.")
    ] = "iea",
    side: Annotated[int, typer.Option(min=32, help="Longer side to which a larger photograph is reduced, px.")] = 512,
) -> None:
    """Convert a program of the published editor to ours, or back: the nearest result on a photograph, by search.

    Prints the program found, the size of the edit (D), the loss (D and mean deltaE 2000) and the programs rendered.
    """
    import json
    from dataclasses import asdict

    from iea.editor.io import read_image
    from iea.recipe.evaluation.convert import convert
    from iea.recipe.evaluation.editors import EDITORS

    source = EDITORS["iea" if to == "released" else "released"]
    bare = program.strip().startswith("{") and source.name == "released"
    edits = source.read(f"```json {program} ```" if bare else program)
    found = convert(read_image(photograph), edits, to, side=side)
    typer.echo(json.dumps(asdict(found) | {"program": dict(found.program)}))

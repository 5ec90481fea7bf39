"""`iea export`, `iea import-xmp`: programs as files of other programs, and back."""

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options


def export(
    program: Annotated[str, typer.Argument(help="File of a program, or the program itself as JSON.")],
    format: Annotated[str, typer.Option(help="sliders, curve, cube, cube1d, json or html; docs/exports.md.")],
    out: options.OutFile,
    photo: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Photograph to measure errors on; default: the bundled ones."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Render an XMP file with darktable-cli too, and print its error.")
    ] = False,
    size: Annotated[int, typer.Option(min=2, max=129, help="Entries of a 3D table along each side.")] = 33,
    name: Annotated[
        str, typer.Option(help="Name of the preset, the table or the page; default: that of the file.")
    ] = "",
) -> None:
    """Write a program for another editor, and print all that it approximates or loses, with the measured errors."""
    from iea.recipe.agent.exports import check_name, format_of, write_export
    from iea.recipe.agent.exports.format import Settings
    from iea.recipe.agent.exports.measure import photographs
    from iea.recipe.agent.photo import check_new
    from iea.recipe.agent.style import read_program

    check_name(format, out)
    check_new(out)  # it may be the side-car of a photograph, with settings of its owner
    chosen = read_program(program)
    settings = Settings(photographs(photo, format_of(format).side), name or out.stem, size, check)
    exported = write_export(chosen, format, out, settings)
    for line in (f"{out}: {format}", *exported.lines()):
        typer.echo(line)


def import_xmp(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Preset or side-car of Camera Raw (XMP).")],
) -> None:
    """Print the program that resembles a Lightroom preset, and all settings that it lacks, as JSON."""
    import json

    from iea.recipe.agent.import_xmp import import_xmp

    found = import_xmp(file)
    typer.echo(json.dumps({"program": dict(found.program), "curve_error": found.curve_error, "lost": dict(found.lost)}))

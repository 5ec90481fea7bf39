"""`iea fit`, `apply`, `match`: one edit or look for many photographs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iea.recipe.cli import options
from iea.recipe.cli.photo_options import Folder, Format, Photographs, Strip

if TYPE_CHECKING:
    from iea.recipe.agent.batch import Outcome


def fit(
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="BEFORE AFTER [BEFORE AFTER]...",
            exists=True,
            dir_okay=False,
            help="One pair, or several of one style.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="File to write the program to, for `iea apply`.")
    ] = None,
) -> None:
    """Find the program that explains an edit, and state the part that it does not explain.

    Of several pairs, the program is their common style: the median value of each tool.
    """
    from iea.data_prep.files import write_json
    from iea.recipe.agent.explain import trace
    from iea.recipe.agent.photo import check_new, open_photo
    from iea.recipe.agent.style import fit_pair, report, style_of

    if len(images) % 2:
        raise ValueError(
            f"images must be pairs, before and after, got {len(images)} files; name the original of each edited one before it"
        )
    if out is not None:
        check_new(out)
    fits = []
    for before, after in zip(images[::2], images[1::2], strict=True):
        fits.append(fit_pair(open_photo(before).image, open_photo(after).image))
        typer.echo(f"{after.name}: {fits[-1].program.to_json()}\n{report(fits[-1])}")
    style = style_of(fits)
    typer.echo("\n".join(["", *trace(style)] if style else ["", "no tool comes closer to the edited image"]))
    if out is not None:
        if not style:
            raise ValueError("a program must use a tool to be written, got none; no file was made")
        write_json(out, {"program": dict(style), "pairs": [one.as_dict() for one in fits]})
        typer.echo(f"program in {out}; iea apply {out} PHOTO... gives it to other photographs")


def apply(
    program: Annotated[
        str,
        typer.Argument(
            help="Program as JSON, such as '{\"exposure\": 20}', or a file with one: of `iea fit` or of a conversation."
        ),
    ],
    photos: Photographs,
    out: Folder = Path("edited"),
    format: Format = "same",
    strip: Strip = False,
    workers: options.Workers = 0,
) -> None:
    """Give one program to many photographs, at full size, on all CPUs.

    Safe to interrupt: the same command continues. Photographs that fail are listed at the end, and the others are edited. The status
    is 1 if any failed.
    """
    from iea.recipe.agent.batch import apply_one, photos_in, run_batch
    from iea.recipe.agent.style import read_program

    chosen = read_program(program)
    suffix = "" if format == "same" else f".{format}"
    _report(
        run_batch(apply_one, [chosen.to_json()], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers),
        out,
    )


def match(
    like: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="Image whose look is wanted; with --before, an edited photograph."
        ),
    ],
    photos: Photographs,
    before: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="LIKE before its edit: then the edit itself is given to the photographs."
        ),
    ] = None,
    strength: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the look that is given.")] = 1.0,
    out: Folder = Path("matched"),
    format: Format = "same",
    strip: Strip = False,
    workers: options.Workers = 0,
) -> None:
    """Give the look of one image to many photographs: its tones and colors, not its scene.

    Prints the rest of the difference for each photograph. Safe to interrupt: the same command continues. The status is 1 if any
    photograph failed.
    """
    from iea.editor import Program
    from iea.recipe.agent.batch import apply_one, match_one, photos_in, run_batch
    from iea.recipe.agent.look import Look
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.style import fit_pair, report

    suffix, image = "" if format == "same" else f".{format}", open_photo(like).image
    if before is not None:
        found = fit_pair(open_photo(before).image, image)
        program = Program({tool: round(strength * value) for tool, value in found.program.items()})
        typer.echo(f"{program.to_json()}\n{report(found)}")
        _report(
            run_batch(
                apply_one, [program.to_json()], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers
            ),
            out,
        )
        return
    outcomes = run_batch(
        match_one, [Look.of(image), strength], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers
    )
    for outcome in outcomes:
        if about := outcome.about:
            typer.echo(
                f"{outcome.photo.name}: difference {about['before']:.1f} -> {about['after']:.1f}; {_listed(about['left'])}"
            )
    _report(outcomes, out)


def _report(outcomes: Sequence[Outcome], out: Path) -> None:
    """Print the counts and the failures; end with status 1 if a photograph failed."""
    failed = [one for one in outcomes if one.result is None]
    reused = sum(one.reused for one in outcomes)
    typer.echo(
        f"{len(outcomes) - len(failed)} of {len(outcomes)} photographs in {out}"
        + (f", {reused} of them from before" if reused else "")
    )
    for one in failed:
        typer.echo(f"failed: {one.photo}: {one.failure}", err=True)
    if failed:
        raise typer.Exit(1)


def _listed(left: Sequence[str]) -> str:
    return f"left: {'; '.join(left)}" if left else "nothing left that can be seen"

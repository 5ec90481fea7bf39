"""`iea study`: a blind ranking of systems by people, on a web page of your own."""

from pathlib import Path
from typing import Annotated

import typer

from iea.recipe.cli import options

app = typer.Typer(no_args_is_help=True, help="User study: make it, invite raters, serve the pages, report.")

Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder of the study.")]


@app.command()
def make(
    out: Annotated[Path, typer.Argument(help="Folder to write the study to.")],
    rows: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="CSV or JSONL: name, request, original; optionally reference, request_zh."
        ),
    ],
    system: Annotated[list[str], typer.Option(help="NAME=FOLDER of finished images, one per row, named as the row.")],
    consent: Annotated[list[str], typer.Option(help="LANGUAGE=FILE: your consent text, for en, zh or both.")],
    control: Annotated[list[str] | None, typer.Option(help="Column to rank too: original, reference.")] = None,
    missing_as_original: Annotated[
        bool, typer.Option("--missing-as-original", help="Show the original where a system has no image.")
    ] = False,
    title: Annotated[str, typer.Option(help="Heading of all pages.")] = "Image study",
    checks: Annotated[int, typer.Option(min=0, help="Attention checks of each rater.")] = 2,
    repeats: Annotated[int, typer.Option(min=0, help="Items that each rater ranks a second time.")] = 2,
    side: Annotated[int, typer.Option(min=64, help="Longest side of the images, in pixels.")] = 1280,
    seed: options.Seed = 0,
) -> None:
    """Make a study from finished images of several systems and the table of their rows."""
    from iea.recipe.study.make import Sources, make_study

    consents = {language: path.read_text(encoding="utf-8") for language, path in _pairs(consent).items()}
    sources = Sources(
        rows,
        _pairs(system),
        consents,
        controls=control or (),
        missing_as_original=missing_as_original,
        title=title,
        checks=checks,
        repeats=repeats,
        side=side,
        seed=seed,
    )
    study = make_study(sources, out)
    typer.echo(f"{len(study.items)} items of {len(study.systems)} systems in {out}. Next: iea study invite {out}")


@app.command()
def invite(
    study: Folder,
    raters: Annotated[int, typer.Option(min=1, help="Raters to add.")],
    url: Annotated[str, typer.Option(help="Address of the server, as raters reach it.")] = "http://127.0.0.1:8000",
) -> None:
    """Add raters and print a secret link for each: it resumes where the rater stopped."""
    from iea.recipe.study.store import open_store
    from iea.recipe.study.study import load_study

    made = load_study(study)
    with open_store(study) as store:
        for token in store.invite(made, raters):
            typer.echo(f"{url.rstrip('/')}/r/{token}")


@app.command()
def serve(
    study: Folder,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other than loopback, put TLS in front.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 = any free one.")] = 8000,
) -> None:
    """Serve the pages until interrupted. A ranking is on the disk before the next page is shown."""
    from iea.recipe.study.server import serve

    serve(study, host, port)


@app.command()
def report(
    study: Folder,
    out: options.Out,
    pass_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of attention checks that a rater must pass to be counted.")
    ] = 0.75,
) -> None:
    """Analyze the rankings: report.md, report.json, and rankings.csv with every ranking."""
    from iea.recipe.study.report import write_report
    from iea.recipe.study.store import open_store
    from iea.recipe.study.study import load_study

    made = load_study(study)
    with open_store(study) as store:
        rankings = store.rankings(made)
    typer.echo(write_report(made.title, made.systems, rankings, out, pass_rate=pass_rate))


def _pairs(given: list[str]) -> dict[str, Path]:
    """Return name -> path of arguments NAME=PATH, whose paths exist."""
    pairs = {name: Path(path) for name, _, path in (one.partition("=") for one in given)}
    for name, path in pairs.items():
        if not name or not path.exists() or path == Path():
            raise ValueError(
                f"an option must be NAME=PATH with a path that exists, got {given}; {str(path)!r} does not"
            )
    if len(pairs) != len(given):
        raise ValueError(f"names must differ, got {given}")
    return pairs

"""`iea edit`, `refine`, `summarize`, `apply`, `fit`, `match`, `stats`: photographs of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from iea.recipe.cli import options

if TYPE_CHECKING:
    from iea.recipe.agent.batch import Outcome
    from iea.recipe.agent.models import Model
    from iea.recipe.agent.photo import Photo
    from iea.recipe.agent.session import Session, Turn

MODEL_PANEL = "A model with vision; without one, an offline interpreter reads the request"
Photograph = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Photograph: JPEG, PNG, TIFF, WebP, HEIC, AVIF or raw.")]
Before = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Photograph before the edit.")]
After = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The same photograph after it, of the same size.")]
Photographs = Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")]
Request = Annotated[str, typer.Argument(help='What to change, such as "warmer and a bit brighter".')]
Result = Annotated[
    Path | None, typer.Option("--out", help="New file to write, .jpg, .png, .tif or .webp, or its folder; default: beside the photograph.")
]
Folder = Annotated[Path, typer.Option("--out", file_okay=False, help="Folder of the results; that of an interrupted run is continued.")]
Strip = Annotated[bool, typer.Option("--strip", help="Leave location, serial numbers, owner and XMP out of the result.")]
SessionFile = Annotated[
    Path | None, typer.Option("--session", dir_okay=False, help="File of the conversation; default: PHOTO.iea.json beside the photograph.")
]
Endpoint = Annotated[
    str, typer.Option(envvar="IEA_ENDPOINT", help="Address of an OpenAI-compatible endpoint, .../v1.", rich_help_panel=MODEL_PANEL)
]
ModelName = Annotated[
    str, typer.Option("--model", envvar="IEA_MODEL", help="Name of the model there; default: the first it lists.", rich_help_panel=MODEL_PANEL)
]
KeyEnv = Annotated[
    str,
    typer.Option(envvar="IEA_KEY_ENV", help="Environment variable that holds the API key, such as OPENAI_API_KEY.", rich_help_panel=MODEL_PANEL),
]
PromptStyle = Annotated[
    Literal["full", "direct", "short"],
    typer.Option(envvar="IEA_PROMPT_STYLE", help="Prompts with reasons, for the program alone, or those of the tiny policy.", rich_help_panel=MODEL_PANEL),
]
Format = Annotated[Literal["same", "jpg", "png", "tif", "webp"], typer.Option("--format", help="Format of the results.")]


def edit(
    photo: Photograph,
    request: Request = "make it better",
    out: Result = None,
    session: SessionFile = None,
    strip: Strip = False,
    endpoint: Endpoint = "",
    model: ModelName = "",
    key_env: KeyEnv = "",
    prompt_style: PromptStyle = "full",
) -> None:
    """Edit a photograph as asked, at full size, into a new file beside it.

    The original is never changed. `iea refine` continues the conversation. The status is 3 if the endpoint cannot be used, and 4 if
    no tool can do what is asked.
    """
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.session import Session

    speaker = _model(endpoint, model, key_env, prompt_style)
    result, kept = _places(photo, out, session)
    opened = open_photo(photo)
    talk = Session.open(kept) if kept.exists() else Session.begin(photo)
    turn = talk.say(request, opened.image, speaker, fresh=True)
    _finish(talk, turn, opened, result, kept, strip)


def refine(
    photo: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Photograph that `iea edit` edited, or its .iea.json.")],
    request: Annotated[
        str, typer.Argument(help='What else to change: "a bit less", "but keep the colors", "undo", "redo", "only the light", "why?"')
    ],
    out: Result = None,
    session: SessionFile = None,
    strip: Strip = False,
    endpoint: Endpoint = "",
    model: ModelName = "",
    key_env: KeyEnv = "",
    prompt_style: PromptStyle = "full",
) -> None:
    """Continue the conversation about a photograph: each request refines the last result.

    The status is 3 if the endpoint cannot be used, and 4 if no tool can do what is asked.
    """
    from iea.recipe.agent.commands import asks_why
    from iea.recipe.agent.explain import why
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.session import Session

    speaker = _model(endpoint, model, key_env, prompt_style)
    if photo.name.endswith(".json"):
        session, photo = photo, Path(Session.open(photo).photo)
    result, kept = _places(photo, out, session)
    talk, opened = Session.open(kept), open_photo(photo)
    if Session.begin(photo).sha256 != talk.sha256:
        raise ValueError(f"{str(photo)!r} must be the file that was edited, got another one of this name; begin again with `iea edit`")
    if asks_why(request):
        typer.echo("\n".join(why(talk, opened.image)))
        return
    _finish(talk, talk.say(request, opened.image, speaker), opened, result, kept, strip)


def summarize(
    before: Before,
    after: After,
    endpoint: Endpoint = "",
    model: ModelName = "",
    key_env: KeyEnv = "",
    prompt_style: PromptStyle = "full",
) -> None:
    """Say in one sentence which request is behind an edit."""
    from iea.data_prep.ingest.decode import to_8_bits
    from iea.data_prep.label.match import reduced
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.session import SEEN
    from iea.recipe.agent.style import check_pair

    speaker = _model(endpoint, model, key_env, prompt_style)
    images = [to_8_bits(open_photo(path).image) for path in (before, after)]
    check_pair(*images)
    typer.echo(speaker.summarize(*(reduced(image, SEEN) for image in images)))


def fit(
    images: Annotated[
        list[Path], typer.Argument(metavar="BEFORE AFTER [BEFORE AFTER]...", exists=True, dir_okay=False, help="One pair, or several of one style.")
    ],
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="File to write the program to, for `iea apply`.")] = None,
) -> None:
    """Find the program that explains an edit, and say what it does not explain.

    Of several pairs, the program is their common style: the median value of each tool.
    """
    from iea.data_prep.files import write_json
    from iea.recipe.agent.explain import trace
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.style import fit_pair, report, style_of

    if len(images) % 2:
        raise ValueError(f"images must be pairs, before and after, got {len(images)} files; name the original of each edited one before it")
    _new_file(out)
    fits = []
    for before, after in zip(images[::2], images[1::2], strict=True):
        fits.append(fit_pair(open_photo(before).image, open_photo(after).image))
        typer.echo(f"{after.name}: {fits[-1].program.to_json()}\n{report(fits[-1])}")
    style = style_of(fits)
    typer.echo("\n".join(["", *trace(style)] if style else ["", "no tool comes closer to the edited image"]))
    if out is not None:
        write_json(out, {"program": dict(style), "pairs": [one.as_dict() for one in fits]})
        typer.echo(f"program in {out}; iea apply {out} PHOTO... gives it to other photographs")


def apply(
    program: Annotated[str, typer.Argument(help='Program as JSON, such as \'{"exposure": 20}\', or a file with one: of `iea fit` or of a conversation.')],
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
    _report(run_batch(apply_one, [chosen.to_json()], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers), out)


def match(
    like: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Image whose look is wanted; with --before, an edited photograph.")],
    photos: Photographs,
    before: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="LIKE before its edit: then the edit itself is given to the photographs.")
    ] = None,
    strength: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the look that is given.")] = 1.0,
    out: Folder = Path("matched"),
    format: Format = "same",
    strip: Strip = False,
    workers: options.Workers = 0,
) -> None:
    """Give the look of one image to many photographs: its tones and colors, whatever it shows.

    Says for each photograph what is left of the difference. Safe to interrupt: the same command continues. The status is 1 if any
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
        _report(run_batch(apply_one, [program.to_json()], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers), out)
        return
    outcomes = run_batch(match_one, [Look.of(image), strength], photos_in(photos), out, strip=strip, suffix=suffix, workers=workers)
    for outcome in outcomes:
        if about := outcome.about:
            typer.echo(f"{outcome.photo.name}: difference {about['before']:.1f} -> {about['after']:.1f}; {_listed(about['left'])}")
    _report(outcomes, out)


def stats(
    photo: Photograph,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a photograph: tones, clipping, color cast, saturation; for people and for agents."""
    import json

    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.stats import measure

    found = measure(open_photo(photo).image)
    typer.echo(json.dumps(found.as_dict(), indent=2) if as_json else found.text())


def _model(endpoint: str, model: str, key_env: str, style: str) -> Model:
    """Return the model that the options name, whose settings are checked here; say so if it is the offline interpreter."""
    from iea.recipe.agent.models.offline import Offline

    if not endpoint:
        typer.echo("offline interpreter: no model looks at the photograph (for one: --endpoint, or IEA_ENDPOINT)")
        return Offline()
    from iea.recipe.agent.models.endpoint import Endpoint, EndpointConfig

    return Endpoint(EndpointConfig(url=endpoint, model=model, key_env=key_env, style=style))


def _places(photo: Path, out: Path | None, session: Path | None) -> tuple[Path, Path]:
    """Return the file of the result and that of the conversation."""
    from iea.recipe.agent.photo import result_path

    return result_path(photo, out), session or photo.with_name(f"{photo.stem}.iea.json")


def _finish(talk: Session, turn: Turn, photo: Photo, result: Path, kept: Path, strip: bool) -> None:
    """Print the trace, write the result unless a file shows it already, and save the conversation."""
    from iea.editor import Program, render
    from iea.recipe.agent.explain import trace

    program = Program(turn.program)
    for line in (*trace(program), *(f"note: {note}" for note in turn.notes)):
        typer.echo(line)
    if turn.why:
        typer.echo(f"why: {turn.why}")
    if not program:
        typer.echo("no tool is in use: the photograph itself is the result")
    elif turn.result and Path(turn.result).is_file():
        typer.echo(f"shown by {turn.result}")
    else:
        image = render(photo.image, program)
        photo.save(image, result, strip=strip)
        talk.show(result)
        typer.echo(f"saved {result} ({image.shape[1]} x {image.shape[0]} px)")
    talk.save(kept)


def _new_file(out: Path | None) -> None:
    if out is not None and out.exists():
        raise ValueError(f"--out must be a new file, got {str(out)!r}, which exists; choose another name")


def _report(outcomes: Sequence[Outcome], out: Path) -> None:
    """Print what was done; end with status 1 if a photograph failed."""
    failed = [one for one in outcomes if one.failure]
    reused = sum(one.reused for one in outcomes)
    typer.echo(f"{len(outcomes) - len(failed)} of {len(outcomes)} photographs in {out}" + (f", {reused} of them from before" if reused else ""))
    for one in failed:
        typer.echo(f"failed: {one.photo}: {one.failure}", err=True)
    if failed:
        raise typer.Exit(1)


def _listed(left: Sequence[str]) -> str:
    return f"left: {'; '.join(left)}" if left else "nothing left that can be seen"

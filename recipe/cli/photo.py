"""`iea edit`, `refine`, `summarize`, `stats`: one photograph."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iea.recipe.cli.photo_options import (
    After,
    Before,
    Endpoint,
    KeyEnv,
    ModelName,
    Photograph,
    PromptStyle,
    Request,
    Result,
    SessionFile,
    Strip,
)

if TYPE_CHECKING:
    from iea.recipe.agent.models import Model
    from iea.recipe.agent.photo import Photo
    from iea.recipe.agent.session import Session, Turn


IMPROVE = "make it better"
"""Request of those who give none."""


def edit(
    photo: Photograph,
    request: Request = "",
    program: Annotated[
        str, typer.Option(help="Begin with this program, JSON or a file, such as the style that `iea fit` learned.")
    ] = "",
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
    no tool fulfils the request.
    """
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.session import Session
    from iea.recipe.agent.style import read_program

    speaker = _model(endpoint, model, key_env, prompt_style)
    style = read_program(program) if program else None
    result, kept = _places(photo, out, session)
    opened = open_photo(photo)
    talk = _conversation(photo, kept) if kept.exists() else Session.begin(photo)
    if style:
        talk.give(style, by="style")
    if request or not style:
        talk.say(request or IMPROVE, opened.image, speaker, fresh=not style)
    assert talk.turn is not None
    _finish(talk, talk.turn, opened, result, kept, strip, wanted=out is not None)


def refine(
    photo: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Photograph that `iea edit` edited, or its .iea.json.")
    ],
    request: Annotated[
        str,
        typer.Argument(
            help='What else to change: "a bit less", "but keep the colors", "undo", "redo", "only the light", "why?"'
        ),
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

    The status is 3 if the endpoint cannot be used, and 4 if no tool fulfils the request.
    """
    from iea.recipe.agent.commands import asks_why
    from iea.recipe.agent.explain import why
    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.session import Session

    speaker = _model(endpoint, model, key_env, prompt_style)
    if photo.name.endswith(".json"):
        session, photo = photo, Path(Session.open(photo).photo)
    result, kept = _places(photo, out, session)
    talk, opened = _conversation(photo, kept), open_photo(photo)
    if asks_why(request):
        typer.echo("\n".join(why(talk, opened.image)))
        return
    _finish(talk, talk.say(request, opened.image, speaker), opened, result, kept, strip, wanted=out is not None)


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


def stats(photo: Photograph, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Measure a photograph: tones, clipping, color cast, saturation; for people and for agents."""
    import json

    from iea.recipe.agent.photo import open_photo
    from iea.recipe.agent.stats import measure

    found = measure(open_photo(photo).image)
    typer.echo(json.dumps(found.as_dict(), indent=2) if as_json else found.text())


def _model(endpoint: str, model: str, key_env: str, style: str) -> Model:
    """Return the model that the options name, with checked settings; print a line if it is the offline interpreter."""
    from iea.recipe.agent.models.offline import Offline

    if not endpoint:
        typer.echo("offline interpreter: no model looks at the photograph (for one: --endpoint, or IEA_ENDPOINT)")
        return Offline()
    from iea.recipe.agent.models.endpoint import Endpoint, EndpointConfig

    return Endpoint(EndpointConfig(url=endpoint, model=model, key_env=key_env, style=style))


def _places(photo: Path, out: Path | None, session: Path | None) -> tuple[Path, Path]:
    """Return the file of the result and that of the conversation. Raises ValueError if one of them cannot be written."""
    from iea.recipe.agent.photo import result_path

    kept = session or photo.with_name(f"{photo.name}.iea.json")
    if not os.access(kept.parent, os.W_OK):
        raise ValueError(f"--session must be in a folder that can be written, got {str(kept)!r}; name another file")
    return result_path(photo, out), kept


def _conversation(photo: Path, kept: Path) -> Session:
    """Return the conversation in a file. Raises ValueError if it is about another photograph."""
    from iea.recipe.agent.session import Session

    talk = Session.open(kept)
    if Session.begin(photo).sha256 != talk.sha256:
        raise ValueError(
            f"{str(photo)!r} must be the file that was edited, got another one of this name; remove {kept.name!r}, or name "
            "another file by --session, to begin again with `iea edit`"
        )
    return talk


def _finish(talk: Session, turn: Turn, photo: Photo, result: Path, kept: Path, strip: bool, *, wanted: bool) -> None:
    """Print the trace, write the result, if it is `wanted` or no file shows it already, and save the conversation."""
    from iea.editor import Program, render
    from iea.recipe.agent.explain import trace

    program = Program(turn.program)
    for line in (*trace(program), *(f"note: {note}" for note in turn.notes)):
        typer.echo(line)
    if turn.why:
        typer.echo(f"why: {turn.why}")
    wanted = wanted or strip
    if not program and not wanted:
        typer.echo("no tool is in use: the photograph itself is the result")
    elif turn.result and Path(turn.result).is_file() and not wanted:
        typer.echo(f"shown by {turn.result}")
    else:
        image = render(photo.image, program)
        photo.save(image, result, strip=strip, new=True)
        talk.show(result)
        typer.echo(f"saved {result} ({image.shape[1]} x {image.shape[0]} px)")
    talk.save(kept)

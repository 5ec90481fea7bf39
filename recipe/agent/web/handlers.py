"""Handlers of the addresses: pages, uploads, previews, the conversation, results."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.templating import Jinja2Templates

from iea.editor import Program, ProgramError
from iea.recipe.agent.exports import FORMATS
from iea.recipe.agent.models.model import Model
from iea.recipe.agent.web.intake import UPLOAD, suffix_of
from iea.recipe.agent.web.languages import LANGUAGES, chosen_language
from iea.recipe.agent.web.limits import Gate, Rate
from iea.recipe.agent.web.previews import Previews
from iea.recipe.agent.web.results import RESULTS, Jobs
from iea.recipe.agent.web.settings import RefusedError, WebSettings
from iea.recipe.agent.web.store import Live, Store
from iea.recipe.agent.web.talk import say
from iea.recipe.agent.web.views import state_of, tools_of

HERE = Path(__file__).parent
HEAD = 16  # bytes that tell the kind of a file
LONGEST_BODY = 8192  # bytes of JSON


class Handlers:
    """The handlers, with all that they share."""

    def __init__(self, settings: WebSettings, model: Model, workers: int) -> None:
        self.settings, self.model = settings, model
        self.store, self.previews, self.jobs = Store(settings), Previews(), Jobs(settings, workers)
        self.talks = Gate(settings.talks, settings.waiting)
        self.uploads, self.requests, self.actions = (
            Rate(most) for most in (settings.uploads, settings.requests, settings.actions)
        )
        self.templates = Jinja2Templates(HERE / "pages")

    def close(self) -> None:
        """End the workers and threads."""
        self.jobs.pool.close()
        self.previews.close()

    async def page(self, request: Request) -> Response:
        """Show the page, with a session or without."""
        identifier = request.path_params.get("identifier", "")
        status = 200
        if identifier:
            try:
                await self.store.get(identifier)
            except RefusedError:
                identifier, status = "", 404
        language = chosen_language(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
        texts = LANGUAGES[language]
        groups = tools_of(texts)
        shared = {
            "texts": texts.model_dump() | {"sentences": texts.translations()},
            "tools": {tool["name"]: tool for group in groups.values() for tool in group},
            "session": identifier,
            "unknown": status == 404,
            "max_bytes": self.settings.max_bytes,
        }
        others = {code: one for code, one in LANGUAGES.items() if code != language}
        context = {
            "t": texts,
            "groups": groups,
            "shared": shared,
            "others": others,
            "formats": FORMATS,
            "session": identifier,
            "offline": not hasattr(self.model, "config"),
        }
        return self.templates.TemplateResponse(request, "page.html", context, status_code=status)

    async def upload(self, request: Request) -> Response:
        """Receive a photograph: the body is the file, X-Name its name, percent-encoded."""
        self.uploads.count(_client(request))
        if int(request.headers.get("content-length", "0") or 0) > self.settings.max_bytes:
            raise RefusedError(413, "too_large")
        folder = await asyncio.to_thread(self.store.begin)
        try:
            name = unquote(request.headers.get("x-name", ""))
            suffix = await asyncio.wait_for(self._receive(request, folder), self.settings.upload_s)
            if reason := await self.jobs.take_in(str(folder), name, suffix, self.settings.max_pixels):
                raise RefusedError(422, reason)
            return JSONResponse({"session": self.store.complete(folder)}, 201)
        except TimeoutError:
            raise RefusedError(408, "upload_slow") from None
        except ClientDisconnect:
            raise RefusedError(400, "upload_broken") from None
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _receive(self, request: Request, folder: Path) -> str:
        """Write the body to the folder while it arrives, and return the suffix for its content."""
        partial, size, head = folder / UPLOAD, 0, b""
        with partial.open("wb") as file:
            async for chunk in request.stream():
                size, head = size + len(chunk), (head + chunk)[:HEAD] if len(head) < HEAD else head
                if size > self.settings.max_bytes:
                    raise RefusedError(413, "too_large")
                if len(head) == HEAD and not suffix_of(head):
                    raise RefusedError(415, "not_an_image")
                file.write(chunk)
        suffix = suffix_of(head)
        if not suffix:
            raise RefusedError(415, "not_an_image")
        partial.rename(folder / f"{UPLOAD}{suffix}")
        return suffix

    async def health(self, _: Request) -> Response:
        """Answer 200 if sessions can be written, else 503."""
        writable = os.access(self.settings.root, os.W_OK | os.X_OK)
        return JSONResponse({"sessions": "writable" if writable else "not writable"}, 200 if writable else 503)

    async def state(self, request: Request) -> Response:
        """Return the state of a session."""
        return JSONResponse(state_of(await self._live(request)))

    async def image(self, request: Request) -> Response:
        """Return a preview, or the image of a step with `small`; 204 if a later preview was requested meanwhile."""
        live = await self._live(request)
        try:
            program = Program.from_json(request.query_params.get("program", "{}"))
        except ProgramError as error:
            raise RefusedError(422, "program", str(error)) from error
        small = "small" in request.query_params
        drawn = await (self.previews.thumbnail if small else self.previews.latest)(live, program)
        return Response(status_code=204) if drawn is None else Response(drawn, media_type="image/jpeg")

    async def say(self, request: Request) -> Response:
        """Take a request in words."""
        live, body = await self._live(request), await _body(request)
        self.requests.count(_client(request))
        lines = await say(live, str(body.get("request", "")), self.model, self.talks)
        return JSONResponse(state_of(live) | {"answer": lines})

    async def give(self, request: Request) -> Response:
        """Take a program that was set by hand."""
        live, body = await self._live(request), await _body(request)
        given = body.get("program")
        try:
            program = Program(given if isinstance(given, Mapping) else {"": 0})
        except ProgramError as error:
            raise RefusedError(422, "program", str(error)) from error
        program = Program({tool: value for tool, value in program.items() if value})
        if program != live.talk.program:
            with live.changing() as talk:
                talk.give(program, by="hand")
        return JSONResponse(state_of(live))

    async def go(self, request: Request) -> Response:
        """Undo or redo to a number of steps. The present number cancels the model's work."""
        live, body = await self._live(request), await _body(request)
        length = body.get("length")
        with live.changing() as talk:
            if type(length) is not int or not 0 <= length <= len(talk.turns):  # true is one, too
                raise RefusedError(422, "nothing")
            talk.length = length
        return JSONResponse(state_of(live))

    async def result(self, request: Request) -> Response:
        """Write the result at full size, and return its address."""
        live, body = await self._live(request), await _body(request)
        path = await self.jobs.result(live, str(body.get("suffix", "")), bool(body.get("strip")))
        return JSONResponse({"file": path.name, "bytes": path.stat().st_size})

    async def export(self, request: Request) -> Response:
        """Write a program for another editor, and return its address and all that it lacks."""
        live, body = await self._live(request), await _body(request)
        path, lines = await self.jobs.export(live, str(body.get("format", "")))
        return JSONResponse({"file": path.name, "bytes": path.stat().st_size, "lines": lines})

    async def file(self, request: Request) -> Response:
        """Send a finished file, always as a download."""
        live, name = await self._live(request), request.path_params["name"]
        found = {path.name: path for path in (live.folder / RESULTS).glob("*")}.get(name)
        if found is None:
            raise RefusedError(404, "gone")
        return FileResponse(
            found, filename=f"{live.about['name']}_edited{found.suffix}", media_type="application/octet-stream"
        )

    async def forget(self, request: Request) -> Response:
        """Remove a session with its photograph."""
        await asyncio.to_thread(self.store.forget, await self._live(request))
        return JSONResponse({})

    async def _live(self, request: Request) -> Live:
        self.actions.count(_client(request))
        return await self.store.get(request.path_params["identifier"])


def refused(_: Request, error: Exception) -> Response:
    """Answer a refused request with a code that the page has a text for."""
    assert isinstance(error, RefusedError)
    return JSONResponse({"error": error.code, "detail": error.detail}, error.status)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


async def _body(request: Request) -> dict[str, Any]:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > LONGEST_BODY:
            raise RefusedError(413, "request")
    try:
        body = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        raise RefusedError(422, "request") from None
    if not isinstance(body, dict):
        raise RefusedError(422, "request")
    return body

"""Results at full size and exports, in worker processes with a time limit; the server keeps only paths in memory."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from iea.data_prep.label.match import reduced
from iea.editor import Program
from iea.editor.io import read_image
from iea.recipe.agent.batch import apply_one
from iea.recipe.agent.exports import FORMATS, write_export
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.photo import suffix_of
from iea.recipe.agent.save import SUFFIXES
from iea.recipe.agent.web.intake import SMALL, STARTS, take_in
from iea.recipe.agent.web.limits import Gate
from iea.recipe.agent.web.settings import RefusedError, WebSettings
from iea.recipe.agent.web.store import Live
from iea.reward_fns.workers import WorkerDied, WorkerError, WorkerPool, WorkerTimeout

T = TypeVar("T")
RESULTS = "results"
START_S = 600.0
KEPT = 4  # files of results of a session


class Jobs:
    """Workers, and the jobs that wait for one."""

    def __init__(self, settings: WebSettings, workers: int) -> None:
        self.settings, self.workers, self.pool = settings, workers, WorkerPool(workers)
        self.gate = Gate(workers, settings.waiting)

    async def warm(self) -> None:
        """Start the workers and import their code, so that no upload waits for it."""
        await asyncio.gather(*(self.pool.run(START_S, ready) for _ in range(self.workers)))

    async def take_in(self, *arguments: object) -> str:
        """Run `iea.recipe.agent.web.intake.take_in`."""
        return await self._run(self.settings.decode_s, take_in, *arguments)

    async def result(self, live: Live, suffix: str, strip: bool) -> Path:
        """Return the file of the present program at full size, as `iea apply` writes it."""
        suffix = suffix or suffix_of(live.photo)
        if suffix not in SUFFIXES:
            raise RefusedError(422, "format")
        program = live.talk.program.to_json()
        path = _place(live, suffix, program, strip)
        async with live.writing:
            if not path.is_file():
                await self._run(self.settings.render_s, apply_one, str(live.photo), str(path), strip, program)
        return path

    async def export(self, live: Live, name: str) -> tuple[Path, list[str]]:
        """Return the file of an export, and all that it approximates or loses."""
        if name not in FORMATS:
            raise RefusedError(422, "format")
        program = live.talk.program
        if not any(program.values()):
            raise RefusedError(422, "empty")
        path = _place(live, FORMATS[name].suffix, program.to_json(), name)
        arguments = str(live.folder), program.to_json(), name, str(path), live.about["name"]
        async with live.writing:
            return path, await self._run(self.settings.render_s, export_one, *arguments)

    async def _run(self, timeout_s: float, function: Callable[..., T], *arguments: object) -> T:
        async with self.gate.entered():
            try:
                return await self.pool.run(timeout_s, function, *arguments)
            except WorkerTimeout:
                raise RefusedError(422, "too_slow") from None
            except WorkerDied:
                raise RefusedError(422, "too_heavy") from None
            except WorkerError as error:
                detail = str(error).splitlines()[-1].partition(": ")[2] if error.kind == "ValueError" else ""
                raise RefusedError(422, "failed", detail) from error


def ready() -> int:
    """Return the number of formats that can be read; importing this module is what it is for."""
    return len(STARTS)


def export_one(folder: str, program: str, name: str, out: str, stem: str) -> list[str]:
    """Write an export of the session in a folder, and return the lines about it. Runs in a worker."""
    image = reduced(read_image(Path(folder, SMALL)), FORMATS[name].side)
    return write_export(Program.from_json(program), name, Path(out), Settings({stem: image}, stem)).lines()


def _place(live: Live, suffix: str, *of: object) -> Path:
    """Return the place of a file that is determined by `of`; older files make room."""
    folder = live.folder / RESULTS
    folder.mkdir(exist_ok=True)
    path = folder / f"{hashlib.sha256(json.dumps(of).encode()).hexdigest()[:16]}{suffix}"
    others = sorted((one for one in folder.iterdir() if one != path), key=lambda one: one.stat().st_mtime)
    for one in others[: -(KEPT - 1) or None]:
        one.unlink(missing_ok=True)
    return path

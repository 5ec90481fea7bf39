"""One pair of pictures, in memory and on disk; and a judge that misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iea.editor import Image, render
from iea.editor.io import write_image

TRUTH = {"exposure": 25, "tint": -40, "sharpness": -30}


@pytest.fixture(scope="session")
def original() -> Image:
    rows, columns = np.mgrid[:32, :32] * 6
    noise = np.random.default_rng(0).integers(0, 20, (32, 32, 3))
    return (np.stack([rows, columns, (rows + columns) // 2], axis=-1) + noise).astype(np.uint8)


@pytest.fixture(scope="session")
def reference(original: Image) -> Image:
    return render(original, TRUTH)


@pytest.fixture(scope="session")
def pair(original: Image, reference: Image, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("pair")
    write_image(folder / "original.png", original)
    write_image(folder / "reference.png", reference)
    return {"original": str(folder / "original.png"), "reference": str(folder / "reference.png")}


class JudgeServer:
    """A real HTTP server on loopback. Each reply is for one request, the last one for all that follow.

    A reply is what the judge says (text), a status, a tuple of status, body and headers, or one of "hang", "reset" and
    "truncate".
    """

    def __init__(self, *replies: Any) -> None:
        self._replies = list(replies)
        self.over = asyncio.Event()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[Any] = set()
        self.address = ""

    @property
    def requests(self) -> int:
        return len(self.bodies)

    async def answer(self, request: Any) -> Any:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        self.connections.add(request.transport.get_extra_info("peername"))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        return await self._reply(request, reply)

    async def _reply(self, request: Any, reply: Any) -> Any:
        from aiohttp import web

        if reply == "hang":
            await self.over.wait()
        if reply == "reset":
            request.transport.abort()
        if reply == "truncate":
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"choices": [{"message": {"content": "7"')
            request.transport.close()
            return response
        if isinstance(reply, int):
            reply = reply, "busy", {}
        if isinstance(reply, tuple):
            status, body, headers = reply
            return web.Response(status=status, text=body, headers=headers)
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": reply}}]})


@asynccontextmanager
async def serve(*replies: Any) -> AsyncIterator[JudgeServer]:
    """A server with these replies, on a port of its own."""
    from aiohttp import web

    server, app = JudgeServer(*replies), web.Application()
    app.router.add_post("/v1/chat/completions", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.address = f"{host}:{port}"
    try:
        yield server
    finally:
        server.over.set()
        await runner.cleanup()


@pytest.fixture
def judge_server() -> Callable[..., Any]:
    """Inside a running loop: `async with judge_server("7", 503) as server`."""
    return serve


@pytest.fixture
def completion() -> Callable[[Any], str]:
    """The body of a chat completion that says something."""
    return lambda said: json.dumps({"choices": [{"message": {"content": said}}]})

"""One pair of images, in memory and on disk; and a faulty judge."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iea.editor import Image, render
from iea.editor.io import write_image

TRUTH = {"exposure": 25, "tint": -40, "sharpness": -60}


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
    """A server whose replies are for one request each, the last one for all that follow.

    A reply is the judge's answer (text), a status, a tuple of status, body and headers, or one of "hang", "reset" and
    "truncate".
    """

    def __init__(self, server: Any, *replies: Any) -> None:
        server.script = [self._reaction(server, reply) for reply in replies]
        self._server, self.address = server, server.url.removeprefix("http://").removesuffix("/v1")

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return list(self._server.seen)

    @property
    def requests(self) -> int:
        return len(self._server.seen)

    @staticmethod
    def _reaction(server: Any, reply: Any) -> Any:
        if reply in ("hang", "reset"):
            return getattr(server, reply)
        if reply == "truncate":
            return server.body(b'{"choices": [{"message": {"content": "7"', Content_Length="1000")
        if isinstance(reply, int):
            return server.body(b"busy", reply)
        if isinstance(reply, tuple):
            status, body, headers = reply
            return server.body(body.encode(), status, **headers)
        return server.body({"choices": [{"message": {"role": "assistant", "content": reply}}]})


@pytest.fixture
def judge_server(make_server: Callable[[], Any]) -> Callable[..., Any]:
    """Inside a running loop: `async with judge_server("7", 503) as server`."""

    @asynccontextmanager
    async def serve(*replies: Any) -> AsyncIterator[JudgeServer]:
        with make_server() as server:
            yield JudgeServer(server, *replies)

    return serve

"""Headers of both web pages."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from iea.recipe.safe_headers import SafeHeaders


@pytest.mark.parametrize(
    ("path", "status", "kept"), [("/images/a.png", 200, True), ("/images/a.png", 404, False), ("/", 200, False)]
)
def test_only_good_responses_below_the_path_are_cached(path: str, status: int, kept: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(SafeHeaders(app, {}, cached="/images/")({"type": "http", "path": path}, receive, send))
    headers = dict(sent[0]["headers"])
    assert (b"max-age" in headers[b"cache-control"]) == kept and headers[b"x-content-type-options"] == b"nosniff"

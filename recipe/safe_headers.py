"""Headers that keep a page of this package from what it does not need, for every response."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CACHED = b"private, max-age=86400, immutable"
COMMON = {
    b"referrer-policy": b"no-referrer",  # an address holds a secret identifier
    b"x-content-type-options": b"nosniff",
    b"x-robots-tag": b"noindex",
}


class SafeHeaders:
    """Add COMMON and `headers` to every response of `app`; of them, what lies below the path `cached` may be cached, but no error."""

    def __init__(self, app: ASGIApp, headers: Mapping[bytes, bytes], cached: str | None = None) -> None:
        self.app, self.headers, self.cached = app, {**COMMON, **headers}, cached

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below = self.cached is not None and scope.get("path", "").startswith(self.cached)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                cache = CACHED if below and message["status"] < 400 else b"no-store"  # an error may pass
                message["headers"] = [*message["headers"], *self.headers.items(), (b"cache-control", cache)]
            await send(message)

        await self.app(scope, receive, send_with_headers)

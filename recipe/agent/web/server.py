"""The web application, its safe headers, and the process that serves it."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from iea.recipe.agent.models.model import Model
from iea.recipe.agent.web.handlers import Handlers, refused
from iea.recipe.agent.web.settings import RefusedError, WebSettings
from iea.recipe.safe_headers import SafeHeaders

HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECTIONS = 1000
HEADERS = {
    b"content-security-policy": b"default-src 'none'; img-src 'self' blob:; script-src 'self'; style-src 'self'; "
    b"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}


def build_app(settings: WebSettings, model: Model, *, hosts: Sequence[str] = LOOPBACK, workers: int = 0) -> Starlette:
    """Build the application.

    Parameters
    ----------
    model : that reads requests
    hosts : names by which the server may be called; other ones could be a web page that reaches into a private network
    workers : processes for decoding and results; 0 = one per CPU
    """
    on = Handlers(settings, model, workers or len(os.sched_getaffinity(0)))
    one, post = "/s/{identifier}", ["POST"]
    routes = [
        Route("/", on.page),
        Route("/health", on.health),
        Route("/photographs", on.upload, methods=post),
        Route(one, on.page),
        Route(one, on.forget, methods=["DELETE"]),
        Route(f"{one}/state", on.state),
        Route(f"{one}/image", on.image),
        Route(f"{one}/say", on.say, methods=post),
        Route(f"{one}/program", on.give, methods=post),
        Route(f"{one}/go", on.go, methods=post),
        Route(f"{one}/result", on.result, methods=post),
        Route(f"{one}/export", on.export, methods=post),
        Route(f"{one}/files/{{name}}", on.file),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    guards = [
        Middleware(SafeHeaders, headers=HEADERS),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(on.jobs.warm())
        yield
        warming.cancel()
        await asyncio.to_thread(on.close)

    return Starlette(routes=routes, middleware=guards, exception_handlers={RefusedError: refused}, lifespan=lifespan)


def serve(settings: WebSettings, model: Model, host: str, port: int, hosts: Sequence[str] = ()) -> None:
    """Serve until interrupted; prints the address once connections are accepted. Port 0 = any free port."""
    allowed = [*hosts, *LOOPBACK] if hosts or host in LOOPBACK else ["*"]
    app = build_app(settings, model, hosts=allowed)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
    )
    with config.bind_socket() as socket:
        socket.listen(config.backlog)
        print(f"http://{host}:{socket.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[socket])

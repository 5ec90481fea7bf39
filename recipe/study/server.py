"""Serve the pages of a study: server-rendered HTML, and a ranking saved before the next page is shown."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from iea.recipe.safe_headers import SafeHeaders
from iea.recipe.study.languages import LANGUAGES
from iea.recipe.study.store import Rater, Store, open_store
from iea.recipe.study.study import DAMAGED, IMAGES, Study, load_study

HERE = Path(__file__).parent
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_BODY = 4096  # bytes of a posted ranking
HEADERS = {
    b"content-security-policy": b"default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}


class Pages:
    """The handlers of a study's addresses, all below /r/TOKEN."""

    def __init__(self, study: Study, store: Store) -> None:
        self.study, self.store = study, store
        self.templates = Jinja2Templates(HERE / "pages")

    def start(self, request: Request) -> Response:
        """Show the consent text, or go to the first page without a ranking, or thank."""
        rater = self._rater(request)
        if not rater.consented:
            return self._show(request, rater, "welcome.html", consent=self._paragraphs(rater))
        first, _ = self.store.progress(rater.number)
        return self._show(request, rater, "done.html") if first is None else _go(request, first)

    def consent(self, request: Request) -> Response:
        """Store the rater's consent and language."""
        rater = self._rater(request)
        self.store.set_language(rater.number, self._language(rater))
        self.store.consent(rater.number)
        return _go(request)

    def page(self, request: Request) -> Response:
        """Show a page: the next one, or one before it."""
        rater, number = self._rater(request), request.path_params["page"]
        first, count = self.store.progress(rater.number)
        if not rater.consented or number > (first or count):
            return _go(request)
        page, ranking = self.store.page(rater.number, number)
        item = self.study.items[page.item]
        files = {**item.results, DAMAGED: item.damaged}
        places = {system: place for place, system in enumerate(ranking, 1)}
        results = [
            {"label": label, "file": files[system], "place": places.get(system, "")}
            for label, system in zip(LABELS, page.shown, strict=False)
        ]
        return self._show(
            request,
            rater,
            "rank.html",
            question=page.question,
            request_text=item.requests[self._language(rater)],
            original=item.original,
            results=results,
            page=number,
            count=count,
        )

    async def rank(self, request: Request) -> Response:
        """Store the ranking of a page, then go to the next."""
        rater = await run_in_threadpool(self._rater, request)
        order = parse_qs((await _body(request)).decode("ascii", "replace")).get("order", [""])[0].split(",")
        return await run_in_threadpool(self._rank, request, rater, order)

    def _rank(self, request: Request, rater: Rater, order: list[str]) -> Response:
        number = request.path_params["page"]
        first, count = self.store.progress(rater.number)
        if not rater.consented or not 1 <= number <= (first or count):
            return _go(request)
        shown = self.store.page(rater.number, number)[0].shown
        if sorted(order) != list(LABELS[: len(shown)]):
            raise HTTPException(400)
        self.store.rank(rater.number, number, [shown[LABELS.index(label)] for label in order])
        return _go(request) if number == count else _go(request, number + 1)

    def error(self, request: Request, error: Exception) -> Response:
        """Show a page for an unknown link or a ranking that is not one."""
        status = getattr(error, "status_code", 500)
        texts = [LANGUAGES[one] for one in self.study.consent]
        context: dict[str, Any] = {
            "study": self.study,
            "text": texts[0],
            "others": {},
            "texts": texts,
            "refused": status == 400,
        }
        return self.templates.TemplateResponse(request, "error.html", context, status_code=status)

    def _rater(self, request: Request) -> Rater:
        rater = self.store.rater(request.path_params["token"])
        if rater is None:
            raise HTTPException(404)
        chosen = request.query_params.get("lang")
        if chosen in self.study.consent:
            self.store.set_language(rater.number, chosen)
            return Rater(rater.number, chosen, rater.consented)
        return rater

    def _language(self, rater: Rater) -> str:
        return rater.language if rater.language in self.study.consent else next(iter(self.study.consent))

    def _paragraphs(self, rater: Rater) -> list[str]:
        return self.study.consent[self._language(rater)].strip().split("\n\n")

    def _show(self, request: Request, rater: Rater, template: str, **values: Any) -> Response:
        language = self._language(rater)
        others = {code: LANGUAGES[code] for code in self.study.consent if code != language}
        context = {"study": self.study, "text": LANGUAGES[language], "others": others, **values}
        return self.templates.TemplateResponse(request, template, context)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return body


def _go(request: Request, page: int | None = None) -> Response:
    """Redirect to a page, or to the start, which finds the next page."""
    path = f"/r/{request.path_params['token']}" + (f"/{page}" if page else "")
    return RedirectResponse(path, 303)


def build_app(study: Study, store: Store, folder: Path) -> Starlette:
    """Build the web application of the study in a folder."""
    pages = Pages(study, store)
    routes = [
        Route("/r/{token}", pages.start),
        Route("/r/{token}/consent", pages.consent, methods=["POST"]),
        Route("/r/{token}/{page:int}", pages.page),
        Route("/r/{token}/{page:int}", pages.rank, methods=["POST"]),
        Mount(f"/{IMAGES}", StaticFiles(directory=folder / IMAGES)),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders, headers=HEADERS, cached=f"/{IMAGES}/")],
        exception_handlers={HTTPException: pages.error},
    )


def serve(folder: Path, host: str, port: int) -> None:
    """Serve a study until interrupted; prints its address once connections are accepted. Port 0 = any free port.

    Raises
    ------
    ValueError : the folder has no study
    """
    study = load_study(folder)
    with open_store(folder) as store:
        app = build_app(study, store, folder)
        config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)  # which has addresses
        with config.bind_socket() as socket:
            socket.listen(config.backlog)
            print(f"http://{host}:{socket.getsockname()[1]}", flush=True)
            uvicorn.Server(config).run(sockets=[socket])

"""The server as a process: thirty raters at once, killed in the middle, and requests that are not a rater's."""

import asyncio
import random
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import aiohttp
import pytest

from iea.recipe.study.store import Store
from iea.recipe.study.study import DATABASE, load_study

Serve = Callable[[Path], AbstractContextManager[tuple[str, "subprocess.Popen[str]"]]]
pytestmark = pytest.mark.slow
RATERS = 30
SEED = 0
TIMEOUT = aiohttp.ClientTimeout(total=300)


class Crowd:
    """Raters who answer at the same time, and the rankings that the server confirmed to them."""

    def __init__(self, tokens: list[str], url: str) -> None:
        self.tokens, self.url = tokens, url
        self.confirmed: dict[tuple[int, int], list[str]] = {}
        self.kill_after = 0
        self.enough, self.restarted = asyncio.Event(), asyncio.Event()

    async def rate(self, number: int) -> None:
        """Consent and rank page after page; after a lost connection, begin again at the participant's link."""
        rng, link = random.Random(f"{SEED}/{number}"), f"/r/{self.tokens[number - 1]}"
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            while True:
                try:
                    if await self._rank_all(session, rng, number, link):
                        return
                except aiohttp.ClientError:
                    await self.restarted.wait()

    async def _rank_all(self, session: aiohttp.ClientSession, rng: random.Random, number: int, link: str) -> bool:
        async with session.get(self.url + link) as response:
            text = await response.text()
            assert response.status == 200
        if "/consent" in text:
            async with session.post(f"{self.url}{link}/consent") as response:
                text = await response.text()
        while labels := re.findall(r'data-label="(\w)"', text):
            page = int(re.search(r'class="count">(\d+) /', text)[1])  # type: ignore[index]
            order = rng.sample(labels, len(labels))
            form = {"order": ",".join(order)}
            async with session.post(f"{self.url}{link}/{page}", data=form, allow_redirects=False) as response:
                assert response.status == 303
                self._confirm(number, page, order)
                address = response.headers["Location"]
            async with session.get(self.url + address) as response:
                text = await response.text()
        return "Thank you" in text

    def _confirm(self, number: int, page: int, order: list[str]) -> None:
        self.confirmed[number, page] = order
        if len(self.confirmed) >= self.kill_after:
            self.enough.set()


async def _survive(crowd: Crowd, process: "subprocess.Popen[str]", folder: Path, serve: Serve) -> int:
    """Let all raters answer, and kill the server in the middle; return the number of rankings confirmed before."""
    raters = [asyncio.create_task(crowd.rate(number)) for number in range(1, RATERS + 1)]
    await crowd.enough.wait()
    process.kill()
    before = len(crowd.confirmed)
    await asyncio.to_thread(process.wait)
    with serve(folder) as (crowd.url, _):
        crowd.restarted.set()
        await asyncio.gather(*raters)
    return before


def test_no_ranking_of_thirty_raters_is_lost_when_the_server_is_killed(
    study_folder: Path, store: Store, serve: Serve
) -> None:
    study = load_study(study_folder)
    tokens = store.invite(study, RATERS)
    total = RATERS * store.progress(1)[1]

    async def run() -> tuple[Crowd, int]:
        with serve(study_folder) as (url, process):
            crowd = Crowd(tokens, url)
            crowd.kill_after = total // 3
            return crowd, await _survive(crowd, process, study_folder, serve)

    crowd, before = asyncio.run(run())
    assert total // 3 <= before < total, "killed in the middle"
    for (number, page), order in crowd.confirmed.items():
        planned, ranking = store.page(number, page)
        assert ranking == [planned.shown["ABCD".index(label)] for label in order]
    assert all(store.progress(number)[0] is None for number in range(1, RATERS + 1))
    assert len(store.rankings(study)) == total * 4
    with closing(sqlite3.connect(study_folder / DATABASE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_a_rater_may_not_do_is_refused(study_folder: Path, store: Store, serve: Serve) -> None:
    study = load_study(study_folder)
    (token,) = store.invite(study, 1)

    async def visit(url: str) -> None:
        async with aiohttp.ClientSession(url, timeout=TIMEOUT) as session:

            async def status(method: str, path: str, **more: str) -> int:
                async with session.request(method, path, allow_redirects=False, **more) as response:  # type: ignore[arg-type]
                    await response.read()
                    return response.status

            assert await status("GET", "/") == await status("GET", "/r/guessed") == 404
            assert await status("GET", "/images/../study.db") == await status("GET", "/images/..%2fstudy.db") == 404
            assert await status("POST", f"/r/{token}/1", data="order=A,B,C,D") == 303
            assert store.progress(1)[0] == 1, "no ranking without consent"
            assert await status("POST", f"/r/{token}/consent") == 303
            for order in ("", "A,B,C", "A,B,C,C", "A,B,C,E", "D,C,B,A,A", "\xff"):
                assert await status("POST", f"/r/{token}/1", data=f"order={order}") == 400
            assert await status("POST", f"/r/{token}/1", data="order=" + "A," * 5000) == 413
            assert await status("POST", f"/r/{token}/3", data="order=A,B,C,D") == 303
            assert store.progress(1)[0] == 1, "no page is skipped"
            assert await status("GET", f"/r/{token}/999") == 303
            assert await status("POST", f"/r/{token}/1", data="order=D,C,B,A") == 303
            assert store.progress(1)[0] == 2
            async with session.get(f"/r/{token}/1") as response:
                text = await response.text()
                assert response.headers["Cache-Control"] == "no-store"
                assert "default-src 'none'" in response.headers["Content-Security-Policy"]
                assert response.headers["Referrer-Policy"] == "no-referrer"
            assert re.findall(r'data-label="(\w)" data-place="(\d)"', text) == list(zip("ABCD", "4321", strict=True))
            assert not [name for name in ("bright", "warm.", "vivid", "row.") if name in text], "the page is blind"

    with serve(study_folder) as (url, _):
        assert url.startswith("http://127.0.0.1:"), "loopback by default"
        asyncio.run(visit(url))


def test_a_request_is_shown_as_text_and_not_as_markup(study_folder: Path, store: Store, serve: Serve) -> None:
    study = load_study(study_folder)
    (token,) = store.invite(study, 1)
    store.consent(1)
    number = next(number for number in (1, 2) if store.page(1, number)[0].question == "instruction")
    if number == 2:
        store.rank(1, 1, store.page(1, 1)[0].shown)

    async def text(url: str, language: str) -> str:
        async with (
            aiohttp.ClientSession(url) as session,
            session.get(f"/r/{token}/{number}?lang={language}") as response,
        ):
            return await response.text()

    with serve(study_folder) as (url, _):
        english, chinese = (asyncio.run(text(url, language)) for language in ("en", "zh"))
    assert "make it &lt;b&gt;warmer&lt;/b&gt; &amp; " in english and "<b>warmer" not in english
    assert "请调暖一些" in chinese and '<html lang="zh-Hans">' in chinese

"""The server of the page in a process of its own, and a browser's visit to it."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """`with serve("--endpoint", url) as url`: `iea web` on a free port of loopback, with one folder of sessions."""
    folder = tmp_path_factory.mktemp("web") / "sessions"

    @contextmanager
    def serving(*options: object, root: Path = folder) -> Iterator[str]:
        command = [sys.executable, "-W", "error", "-m", "iea.recipe.cli", "web", "--port", "0", "--root", str(root)]
        with subprocess.Popen([*command, *map(str, options)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield process.stdout.readline().strip()
            finally:
                process.kill()

    return serving


@pytest.fixture(scope="module")
def url(serve: Serve) -> Iterator[str]:
    """Return the address of a server without a model."""
    with serve("--uploads", 1000) as url:
        yield url


class Visit:
    """One person's browser; `errors` has what the page reported to the console, and requests to other hosts."""

    def __init__(self, browser: Any, url: str, device: dict[str, Any]) -> None:
        from playwright.sync_api import expect

        expect.set_options(timeout=120_000)
        self.expect = expect  # wait_for_function would evaluate a text in the page, which its policy forbids
        self.context = browser.new_context(**device)
        self.page, self.url, self.errors = self.context.new_page(), url, []
        self.page.set_default_timeout(120_000)
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "request", lambda sent: sent.url.startswith((url, "blob:", "data:")) or self.errors.append(sent.url)
        )

    def open(self, photo: Path, language: str = "en") -> Any:
        """Upload a photograph and return the page that shows it."""
        self.page.goto(f"{self.url}/?lang={language}")
        self.page.set_input_files("#choose", photo)
        self.page.wait_for_selector("#frame[data-shown]")
        return self.page

    def say(self, request: str) -> None:
        """Send a request, and wait for the answer."""
        with self.page.expect_response(lambda one: one.url.endswith("/say")):
            self.page.fill("#request", request)
            self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#send")

    def move(self, tool: str, value: int) -> None:
        """Set a slider to a value other than 0, and wait until the page shows the step that the server has."""
        self.page.click("#tab-tools")
        self.page.fill(f"#tool-{tool}", str(value))
        shown = f"{value:+d}".replace("-", "\u2212")
        self.expect(self.page.locator("#turns li:not(.undone) b").last).to_have_text(re.compile(f"{re.escape(shown)}$"))

    def download(self, button: str = "#get") -> Path:
        with self.page.expect_download() as download:
            self.page.click(button)
        return Path(download.value.path())

    def violations(self) -> list[str]:
        """Return the rules of axe-core (WCAG 2 A and AA among them) that the page breaks."""
        from axe_playwright_python.sync_playwright import Axe

        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(self.page).response["violations"]]


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """visit(url, DESKTOP) opens a browser of its own; nothing may be reported to the console but failed requests."""
    visits: list[Visit] = []

    def start(url: str, device: dict[str, Any]) -> Visit:
        visits.append(Visit(chromium, url, device))
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()
    reported = [error for one in visits for error in one.errors if not error.startswith("Failed to load resource")]
    assert reported == []

"""A model or a server that fails: a clear message, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser import DESKTOP, NEEDS_CHROMIUM

pytestmark = NEEDS_CHROMIUM
PhotoFile = Callable[..., Path]
ANSWER = '```json\n{"exposure": 20}\n```'


def _model(server: Any) -> tuple[str, ...]:
    return "--endpoint", server.url, "--model", "m", "--prompt-style", "direct", "--timeout"


def test_a_model_that_fails_costs_nothing(serve: Any, visit: Any, photo_file: PhotoFile, server: Any) -> None:
    answer, poem = server.completion(ANSWER), server.completion("I would rather write a poem.")
    down, refused = server.status(503), server.status(400)
    server.script = [answer, down, down, server.reset, server.reset, poem, refused]
    with serve(*_model(server), "120") as url:
        desk = visit(url, DESKTOP)
        page = desk.open(photo_file())
        desk.say("brighter")
        for silent in (True, True, False, False):
            desk.say("even warmer light")
            told = page.locator("#turns .problem").last.inner_text()
            assert ("does not answer" in told) == silent and "127.0.0.1" not in told, told
            assert page.locator("#request").input_value() == "even warmer light"
            assert page.locator("#tool-exposure").input_value() == "20"
        desk.move("contrast", 10)
        page.click("#save")
        assert desk.download().stat().st_size


def test_a_model_that_hangs_is_left_after_its_time(serve: Any, visit: Any, photo_file: PhotoFile, server: Any) -> None:
    server.script = [server.hang]
    with serve(*_model(server), "1") as url:
        desk = visit(url, DESKTOP)
        page = desk.open(photo_file())
        desk.say("brighter")
        desk.expect(page.locator("#turns .problem")).to_contain_text("does not answer")
        assert page.locator("#undo").is_disabled()


def test_a_slow_model_can_be_stopped(serve: Any, visit: Any, photo_file: PhotoFile, server: Any) -> None:
    server.script = [server.hang]
    with serve(*_model(server), "60") as url:
        desk = visit(url, DESKTOP)
        page = desk.open(photo_file())
        page.fill("#request", "brighter")
        page.keyboard.press("Enter")
        with page.expect_response(lambda one: one.url.endswith("/go")):
            page.click("#stop")
        desk.move("exposure", 10)
        server.over.set()
        assert page.locator("#tool-exposure").input_value() == "10"


def test_a_restart_of_the_server_loses_nothing(serve: Any, visit: Any, photo_file: PhotoFile) -> None:
    with serve() as url:
        desk = visit(url, DESKTOP)
        page = desk.open(photo_file())
        desk.say("warmer and brighter")
        program = page.locator("#turns .did").inner_text()
        port = url.rpartition(":")[2]
    page.click("#tab-tools")
    page.fill("#tool-contrast", "40")
    desk.expect(page.locator("#problem")).to_contain_text("cannot be reached")
    with serve("--port", port):
        page.reload()
        page.wait_for_selector("#turns .did")
        assert page.locator("#turns .did").first.inner_text() == program
        desk.say("undo")
        page.click("#save")
        assert desk.download().stat().st_size


def test_two_people_see_only_their_own(url: str, visit: Any, photo_file: PhotoFile) -> None:
    one, other = (visit(url, DESKTOP) for _ in range(2))
    pages = [desk.open(photo_file()) for desk in (one, other)]
    assert pages[0].url != pages[1].url
    one.say("warmer")
    pages[1].reload()
    pages[1].wait_for_selector("#frame[data-shown]")
    assert pages[1].locator("#turns li").count() == 0
    pages[0].on("dialog", lambda dialog: dialog.accept())
    pages[0].click("#save")
    pages[0].click("#forget")
    pages[0].wait_for_selector("#choose", state="attached")
    other.say("cooler")
    pages[0].go_back()
    one.expect(pages[0].locator("#problem")).to_contain_text("not on the server")

"""The pages in a real browser: keyboard, touch, phone width, both languages, accessibility."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, NEEDS_CHROMIUM, PHONE

from iea.recipe.study.store import Store
from iea.recipe.study.study import load_study

pytestmark = NEEDS_CHROMIUM
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}


class Visit:
    """A rater's browser; `errors` has what the pages reported to the console, and requests to other hosts."""

    def __init__(self, browser: Any, url: str, token: str, device: dict[str, Any]) -> None:
        self.page, self.link, self.errors = browser.new_context(**device).new_page(), f"{url}/r/{token}", []
        self.page.set_default_timeout(240_000)
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda sent: sent.url.startswith(f"{url}/") or self.errors.append(sent.url))

    def start(self, language: str = "en") -> Any:
        """Agree to the consent text and return the page of the first item."""
        self.page.goto(f"{self.link}?lang={language}")
        self.page.click(".go")
        self.page.wait_for_selector(".result")
        return self.page

    def places(self) -> str:
        return str("".join(self.page.locator(".places li").all_inner_texts()))

    def violations(self) -> list[str]:
        """Return the rules of axe-core (WCAG 2 A and AA among them) that the page breaks."""
        from axe_playwright_python.sync_playwright import Axe

        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(self.page).response["violations"]]


@pytest.fixture
def visit(study_folder: Path, store: Store, serve: Any, chromium: Any) -> Iterator[Any]:
    """visit(DESKTOP) opens the link of a new rater; nothing may be reported to the console."""
    visits = []
    with serve(study_folder) as (url, _):

        def open_link(device: dict[str, Any]) -> Visit:
            visits.append(Visit(chromium, url, *store.invite(load_study(study_folder), 1), device))
            return visits[-1]

        yield open_link
        for one in visits:
            one.page.context.close()
    assert [one.errors for one in visits] == [[]] * len(visits)


def test_a_rater_ranks_by_keys_alone_and_resumes(visit: Any, store: Store) -> None:
    desk = visit(DESKTOP)
    page = desk.start()
    for key, places in (("c", "C"), ("a", "CA"), ("Backspace", "C"), ("b", "CB"), ("b", "C"), ("d", "CD")):
        page.keyboard.press(key)
        assert desk.places() == places
    assert page.locator("form .go").is_disabled()
    page.keyboard.press("Enter")
    page.keyboard.press("b")
    assert desk.places() == "CDBA", "the last place fills itself"
    page.keyboard.press("Backspace")
    assert desk.places() == "CD"
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2")
    planned, ranking = store.page(1, 1)
    assert ranking == [planned.shown["ABCD".index(label)] for label in "CDBA"]
    page.goto(desk.link)
    assert page.url.endswith("/2") and "2 / 14" in page.inner_text("header")
    page.click(".back")
    page.wait_for_url("**/1")
    assert desk.places() == "CDBA"
    for key in ("c", "d", "d", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/2")
    assert store.page(1, 1)[1] == [planned.shown["ABCD".index(label)] for label in "DCBA"], "a ranking may be corrected"


def test_a_rater_finishes_by_touch_on_a_phone(visit: Any, store: Store) -> None:
    phone = visit(PHONE)
    page = phone.start("zh")
    for number in range(1, store.progress(1)[1] + 1):
        page.wait_for_url(f"**/{number}")
        for label in "BDA":
            page.tap(f".result[data-label={label}] .pick")
        assert phone.places() == "BDAC" and "所有结果都已排序" in page.inner_text(".status")
        page.tap("form .go")
    page.wait_for_selector("text=感谢您的参与")
    assert store.progress(1)[0] is None
    page.goto(phone.link)
    assert "感谢您的参与" in page.inner_text("main")


@pytest.mark.parametrize("device", [DESKTOP, PHONE, NARROW], ids=["desktop", "phone", "narrow"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_fit_the_screen_and_are_accessible(visit: Any, device: dict[str, Any], language: str) -> None:
    one = visit(device)
    one.page.goto(f"{one.link}?lang={language}")
    assert not one.violations()
    page = one.start(language)
    assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-Hans"}[language]
    width = device["viewport"]["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".result .pick").first.click()
    assert not one.violations()
    for button in page.locator("button:visible, .back:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44, "wide enough for a finger"
    page.locator(".view").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not one.violations()


def test_the_enlarged_image_alternates_with_the_original_at_the_same_place(visit: Any) -> None:
    desk = visit(DESKTOP)
    page = desk.start()
    image, original = page.locator(".viewer img"), page.locator("#original").get_attribute("src")
    page.locator(".view").nth(1).click()
    result, box = image.get_attribute("src"), image.bounding_box()
    assert result.endswith(page.locator(".result img").nth(1).get_attribute("src"))
    page.locator(".hold").hover()
    page.mouse.down()
    assert image.get_attribute("src").endswith(original) and image.get_attribute("alt") == "Original"
    assert image.bounding_box() == box
    page.mouse.up()
    assert image.get_attribute("src") == result and image.get_attribute("alt") == "Result B"
    page.keyboard.press("ArrowRight")
    assert image.get_attribute("alt") == "Result C"
    page.locator(".viewer .pick").click()
    page.keyboard.press("Escape")
    assert desk.places() == "C"
    page.keyboard.down("0")
    shown = {one.get_attribute("src") for one in page.locator(".result img").all()}
    assert len(shown) == 1 and shown.pop().endswith(original)
    page.keyboard.up("0")
    page.locator(".view").first.click()
    page.locator(".hold").hover()
    page.mouse.down()
    page.keyboard.press("Escape")
    page.mouse.up()
    assert len({one.get_attribute("src") for one in page.locator(".result img").all()}) == 4


def test_screen_readers_hear_every_change(visit: Any) -> None:
    page = visit(DESKTOP).start()
    pick = page.get_by_role("button", name="Result B: Choose")
    assert pick.get_attribute("aria-pressed") == "false"
    pick.click()
    assert page.get_by_role("status").inner_text().startswith("Result B: place 1. Place 2: tap")
    assert page.get_by_role("button", name="Result B: Place 1").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("list", name="Your ranking, best first").count() == 1
    assert page.get_by_role("button", name="Enlarge result D").count() == 1


def test_the_languages_change_on_the_page(visit: Any) -> None:
    page = visit(PHONE).start()
    page.get_by_role("link", name="简体中文").click()
    assert page.locator(".actions .go").inner_text() == "下一页"
    page.get_by_role("link", name="English").click()
    assert page.locator(".actions .go").inner_text() == "Next"

"""The page of cases in a real browser: offline, filters, comparison, keyboard, touch, hostile texts, accessibility."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import DESKTOP, NEEDS_CHROMIUM, PHONE

from iea.recipe.evaluation.page.page import PageSettings, write_page
from iea.recipe.evaluation.system_results import read_systems

pytestmark = NEEDS_CHROMIUM
SEEN = ".case:not([hidden])"


@pytest.fixture(scope="module")
def file(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "cases.html"
    write_page(
        read_systems([str(results)]), out, PageSettings(title="Compared", count=2, side=240, workers=1), quiet=True
    )
    return out


@pytest.fixture
def visit(chromium: Any, file: Path) -> Iterator[Any]:
    """visit(DESKTOP) opens the page offline; nothing may be requested or reported to the console."""
    faults: list[str] = []
    contexts = []

    def opened(device: dict[str, Any]) -> Any:
        contexts.append(chromium.new_context(offline=True, **device))
        page = contexts[-1].new_page()
        page.set_default_timeout(240_000)
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda sent: sent.url.startswith("data:") or sent.url == file.as_uri() or faults.append(sent.url)
        )
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def indices(page: Any) -> list[int]:
    return [int(one.removeprefix("case-")) for one in page.eval_on_selector_all(SEEN, "nodes => nodes.map(n => n.id)")]


def systems_of(page: Any, index: int) -> list[str]:
    return list(page.locator(f"#case-{index} [data-system]:visible b").locator("visible=true").all_inner_texts())


def test_filters_and_orders(visit: Any) -> None:
    page = visit(DESKTOP)
    assert sorted(indices(page)) == list(range(9)) and page.title() == "Compared"
    page.select_option("[name=kind]", "summary")
    assert sorted(indices(page)) == [2, 5, 8] and page.inner_text("#count") == "3 of 9 cases"
    assert indices(page) == [2, 5, 8], "worst first"
    page.select_option("[name=order]", "best")
    assert indices(page) == [8, 5, 2]
    page.select_option("[name=order]", "file")
    page.select_option("[name=kind]", "edit, local edit")
    assert indices(page) == [1, 4, 7]
    photo = page.get_attribute("#case-4", "data-photo")
    page.select_option("[name=photo]", photo)
    assert indices(page) == [4]
    page.select_option("[name=why]", "failed")
    assert indices(page) == [] and page.is_visible("#none")
    for name in ("kind", "photo"):
        page.select_option(f"[name={name}]", "")
    assert indices(page) == [0]
    page.select_option("[name=of]", label="good")
    assert indices(page) == []


def test_a_system_is_hidden_everywhere(visit: Any) -> None:
    page = visit(DESKTOP)
    page.uncheck("[name=system] >> nth=0")
    names = page.locator("#rows th[data-system]:visible").all_inner_texts()
    assert len(names) == 3 and "bad" not in names
    assert page.locator("[data-system='0']:visible").count() == 0
    assert page.locator("#rows tbody tr").first.locator("td").count() == 4 + 3


def test_the_mouse_and_the_keyboard_show_the_image_before(visit: Any) -> None:
    page = visit(DESKTOP)
    pair = page.locator("#case-1 [data-system='1'] .pair")
    pair.scroll_into_view_if_needed()
    box = pair.bounding_box()

    def split() -> float:
        return float(pair.evaluate("node => node.style.getPropertyValue('--split') || 0"))

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert split() == pytest.approx(50, abs=1)
    page.mouse.move(1, 1)
    assert split() == 0
    pair.locator(".split").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert split() == 3
    page.keyboard.press("End")
    assert split() == 100
    original = page.locator("#case-1 [data-role=original] img").get_attribute("src")
    assert pair.locator(".before").get_attribute("src") == original
    page.select_option("[name=before]", "reference")
    reference = page.locator("#case-1 [data-role=reference] img:not(.before)").get_attribute("src")
    assert pair.locator(".before").get_attribute("src") == reference != original


def test_an_image_is_enlarged_and_closed_by_escape(visit: Any) -> None:
    page = visit(DESKTOP)
    card = page.locator("#case-1 [data-system='1']")
    card.locator(".enlarge").focus()
    page.keyboard.press("Enter")
    assert page.inner_text("#large b") == card.locator("b").first.text_content()
    assert page.locator("#large .pair").bounding_box()["height"] > 500
    page.keyboard.press("Escape")
    assert not page.is_visible("#large")


def test_keys_go_from_case_to_case(visit: Any) -> None:
    page = visit(DESKTOP)
    order = indices(page)
    places = []
    for key in "jjk":
        page.keyboard.press(key)
        places.append(page.evaluate("document.activeElement.id"))
    assert places == [f"case-{order[place]}" for place in (0, 1, 0)]


def scrolled_to(page: Any, number: int) -> Any:
    """Scroll to a case and wait until it is drawn: cases out of sight have no text (`content-visibility`)."""
    case = page.locator(f"#case-{number}")
    case.scroll_into_view_if_needed()
    page.wait_for_function("(one) => one.innerText.trim() !== ''", arg=case.element_handle())
    return case


def test_hostile_texts_and_broken_images_are_shown_as_they_are(visit: Any) -> None:
    page = visit(DESKTOP)
    assert page.title() == "Compared"
    assert scrolled_to(page, 3).locator("[data-system='2'] .missing").inner_text() == "No image: not_an_image"
    failed = scrolled_to(page, 0).locator("[data-system='0']")
    assert "document.title='owned'" in failed.locator(".fault").inner_text()
    assert failed.locator(".missing").inner_text() == "No image: unparsable"
    assert page.locator("#case-0 h3").inner_text() == "“brighter, <b>warmer</b> & calm”"
    failed.locator("summary").click()
    assert failed.locator("pre").inner_text().startswith("Sure!</script>")


def test_the_trace_of_an_edit_is_readable(visit: Any) -> None:
    page = visit(DESKTOP)
    steps = scrolled_to(page, 0).locator("[data-system='1'] .steps li").all_inner_texts()
    assert [one.split() for one in steps] == [["exposure", "+22"], ["temperature", "+17"]]
    words = page.locator("#case-0 [data-system='1'] .words")
    page.locator("#case-0 [data-system='1'] summary").click()
    assert "exposure +22: brighter everywhere" in words.inner_text()


def test_all_rows_are_listed_sorted_and_linked(visit: Any) -> None:
    page = visit(DESKTOP)
    page.click("#rows [data-by='1']")
    values = [float(one) for one in page.locator("#rows tbody tr td:nth-child(6)").all_inner_texts() if one != "–"]
    assert values == sorted(values) and len(values) == 6
    page.select_option("[name=kind]", "summary")
    assert page.inner_text("#page") == "1 of 1, 3 rows"
    page.click("#rows tbody a >> text='5'")
    assert page.locator("#case-5").is_visible()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_fits_the_screen_and_is_accessible(visit: Any, device: dict[str, Any]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(device)
    if device is PHONE:
        assert not page.is_visible("[name=kind]"), "the filters are folded"
        page.click(".bar summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    violations = Axe().run(page).response["violations"]
    assert not [f"{one['id']}: {one['nodes'][0]['html']}" for one in violations]


def test_a_finger_drags_the_comparison(visit: Any) -> None:
    page = visit(PHONE)
    pair = page.locator("#case-1 [data-system='1'] .pair")
    box = pair.bounding_box()
    pair.locator(".split").tap(position={"x": 0.7 * box["width"], "y": box["height"] / 2})
    found = float(pair.evaluate("node => node.style.getPropertyValue('--split')"))
    assert found == pytest.approx(70, abs=6)
    assert box["width"] == pytest.approx(390, abs=1), "images use the whole width"

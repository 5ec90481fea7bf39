"""The page in a real browser: an edit from upload to download, keyboard, phone, both languages, accessibility."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import DESKTOP, NEEDS_CHROMIUM, PHONE

from iea.editor.io import read_image
from iea.recipe.agent.metadata import read_metadata

pytestmark = NEEDS_CHROMIUM
PhotoFile = Callable[..., Path]


def test_from_upload_to_the_pixels_of_iea_apply(url: str, visit: Any, photo_file: PhotoFile, tmp_path: Path) -> None:
    photo = photo_file("cat.jpg")
    desk = visit(url, DESKTOP)
    page = desk.open(photo)
    desk.say("warmer and a bit brighter")
    desk.move("contrast", 30)
    program = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.tool.moved input')].map(i => [i.name, Number(i.value)]))"
    )
    assert program["contrast"] == 30 and program["temperature"] > 0
    page.click("#save")
    stripped = desk.download()
    page.uncheck("#strip")
    kept = desk.download()
    assert read_metadata(kept.read_bytes()).gps and not read_metadata(stripped.read_bytes()).gps
    command = ["apply", json.dumps(program), str(photo), "--out", str(tmp_path / "out")]
    subprocess.run([sys.executable, "-m", "iea.recipe.cli", *command], check=True, capture_output=True)
    expected = read_image(tmp_path / "out" / "cat.jpg")
    for result in (stripped, kept):
        np.testing.assert_array_equal(read_image(result), expected)


def test_every_step_can_be_undone(url: str, visit: Any, photo_file: PhotoFile) -> None:
    desk = visit(url, DESKTOP)
    page = desk.open(photo_file())
    desk.say("warmer, more contrast")
    desk.say("crop it")
    desk.say("add grain")
    told = page.locator("#turns .did").all_inner_texts()
    assert "No tool crops" in told[1] and len(told) == 3  # an answer keeps its place
    page.click("#tab-steps")
    assert page.locator("#trace li").count() == 3
    shown = page.locator("#trace img").last
    assert shown.evaluate("async image => { await image.decode(); return image.naturalHeight }") == 200
    page.get_by_role("button", name="Remove the step Contrast").click()
    desk.expect(page.locator("#trace li")).to_have_count(2)
    for left in (3, 2, 0):
        page.click("#undo")
        desk.expect(page.locator("#trace li")).to_have_count(left)
    assert page.locator("#undo").is_disabled()
    page.click("#tab-talk")
    page.get_by_role("button", name="Back to here").nth(1).click()
    desk.expect(page.locator("#tool-grain")).not_to_have_value("0")
    desk.say("undo")
    assert page.locator("#tool-grain").input_value() == "0"


def test_a_slider_changes_the_preview_and_the_histogram(url: str, visit: Any, photo_file: PhotoFile) -> None:
    light = """() => { const c = document.createElement('canvas'); c.width = c.height = 32; const p = c.getContext('2d');
        p.drawImage(document.querySelector('#after'), 0, 0, 32, 32);
        return p.getImageData(0, 0, 32, 32).data.reduce((a, b) => a + b) }"""
    desk = visit(url, DESKTOP)
    page = desk.open(photo_file())
    curve = "document.querySelector('#histogram').toDataURL()"
    before, drawn, shown = page.evaluate(light), page.evaluate(curve), page.get_attribute("#frame", "data-shown")
    desk.move("exposure", 100)
    desk.expect(page.locator("#frame")).not_to_have_attribute("data-shown", shown)
    assert page.evaluate(light) > before and page.evaluate(curve) != drawn
    assert page.get_attribute("#histogram", "aria-label").startswith("Histogram: ")
    assert page.get_attribute("#tool-exposure", "aria-valuetext").startswith("+100: brighter")


def test_keys_alone_are_enough(url: str, visit: Any, photo_file: PhotoFile) -> None:
    desk = visit(url, DESKTOP)
    page = desk.open(photo_file())
    page.keyboard.press("/")
    page.keyboard.type("black and white")
    page.keyboard.press("Enter")
    page.wait_for_selector("#turns .did")
    page.focus("#tab-talk")
    page.keyboard.press("ArrowRight")
    assert page.locator("#tools").is_visible() and not page.locator("#talk").is_visible()
    page.focus("#tool-fade")
    page.keyboard.press("ArrowRight")
    desk.expect(page.locator("#turns b").last).to_have_text("+1")
    page.focus("#split")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.querySelector('#frame').style.getPropertyValue('--split')") == "49%"
    page.keyboard.down("b")
    assert page.locator("#after").is_hidden()
    page.keyboard.up("b")
    assert page.locator("#after").is_visible()
    page.keyboard.press("Control+z")
    desk.expect(page.locator("#tool-fade")).to_have_value("0")
    page.keyboard.press("Control+Shift+z")
    desk.expect(page.locator("#tool-fade")).to_have_value("1")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_screen_is_accessible(url: str, visit: Any, photo_file: PhotoFile, device: dict[str, Any]) -> None:
    desk = visit(url, device)
    desk.page.goto(url)
    assert desk.violations() == []
    page = desk.open(photo_file())
    assert desk.violations() == []
    desk.say("warmer, and crop it")
    for screen in ("#tab-talk", "#tab-tools", "#tab-steps", "#save"):
        page.click(screen)
        assert desk.violations() == []
        width, shown = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= shown


def test_a_phone_edits_by_touch_in_chinese(url: str, visit: Any, photo_file: PhotoFile) -> None:
    phone = visit(url, PHONE)
    page = phone.open(photo_file(), "zh")
    page.get_by_role("button", name="黑白", exact=True).tap()
    page.wait_for_selector("#turns .did")
    assert "饱和度" in page.locator("#turns .did").inner_text()
    page.get_by_role("tab", name="步骤").tap()
    assert page.get_by_role("button", name="移除步骤：饱和度").is_visible()
    page.get_by_role("link", name="English").tap()
    page.wait_for_selector("#turns .did")
    assert "Saturation" in page.locator("#turns .did").inner_text()


def test_exports_name_all_that_they_lack(url: str, visit: Any, photo_file: PhotoFile) -> None:
    desk = visit(url, DESKTOP)
    page = desk.open(photo_file())
    page.click("#save")
    page.select_option("#format", "cube")
    page.click("#get-other")
    desk.expect(page.locator("#written")).to_contain_text("No tool")
    page.click("#close")
    desk.say("warmer, add grain")
    page.click("#save")
    assert "LUT_3D_SIZE 33" in desk.download("#get-other").read_text()
    assert "lost: grain" in page.locator("#fidelity").inner_text()


def test_texts_are_never_html(serve: Any, visit: Any, tmp_path: Path, photo_file: PhotoFile, server: Any) -> None:
    attack = "<img src=x onerror=console.error('run')>"
    server.script = [server.completion(f'<think>{attack}</think>```json\n{{"exposure": 20}}\n```')]
    photo = photo_file().rename(tmp_path / "<script>console.error('run')<")
    with serve("--endpoint", server.url, "--model", "m") as url:
        desk = visit(url, DESKTOP)
        page = desk.open(photo)
        desk.say(attack)
        shown = page.locator("#turns").inner_text()
        assert attack in shown and page.locator("#turns img").count() == 0
        page.get_by_text("Why?").click()
        assert page.locator("details p").inner_text() == attack

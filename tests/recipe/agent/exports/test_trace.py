"""The page of steps: complete, offline, without scripts, and with every text escaped."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM

from iea.editor import TOOLS, Image, Program
from iea.recipe.agent.exports import export
from iea.recipe.agent.exports.format import Settings

DrawProgram = Callable[..., Program]
ATTACK = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(program: Program, photograph: Image, name: str = "edit", shown: str = "photograph.jpg") -> str:
    return export(program, "html", Settings({shown: photograph}, name)).text


@pytest.mark.parametrize("seed", range(3))
def test_every_step_has_its_image_value_and_words(seed: int, draw_program: DrawProgram, photograph: Image) -> None:
    program = draw_program(seed)
    text = page(program, photograph)
    headings = [(name.strip(), int(value)) for name, value in re.findall(r"<h2>([^<]*)<b>([-+]\d+)</b>", text)]
    assert dict(headings) == {name.replace("_", " "): value for name, value in program.items()}
    kinds = [TOOLS[name.replace(" ", "_")].kind for name, _ in headings]
    assert kinds == sorted(kinds, key=["balance", "curve", "color", "spatial"].index), "in the order of application"
    images = [attributes for tag, attributes in Tags(text).found if tag == "img"]
    assert len(images) == len(program) + 2 and all(one["alt"] for one in images)
    for name, value in program.items():
        assert (TOOLS[name].plus if value > 0 else TOOLS[name].minus) in text


def test_nothing_is_loaded_or_run(photograph: Image) -> None:
    for tag, attributes in Tags(page(Program({"exposure": 20}), photograph)).found:
        assert tag not in ("script", "iframe", "object", "form", "base")
        assert not any(name.startswith("on") for name in attributes)
        for value in (attributes.get("src"), attributes.get("href")):
            assert value is None or value.startswith("data:")


def test_text_is_escaped(photograph: Image) -> None:
    plain, attacked = (page(Program({"fade": 20}), photograph, name, name) for name in ("edit", ATTACK))
    assert [tag for tag, _ in Tags(attacked).found] == [tag for tag, _ in Tags(plain).found]


def test_a_trace_needs_a_photograph() -> None:
    with pytest.raises(ValueError, match="a trace must show a photograph, got none"):
        export(Program({"exposure": 20}), "html")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no browser: install chromium, a package of Debian")
def test_a_browser_shows_it_without_complaint(chromium: Any, photograph: Image, tmp_path: Path) -> None:
    (tmp_path / "trace.html").write_text(
        page(Program({"exposure": 30, "grain": 40}), photograph, ATTACK), encoding="utf-8"
    )
    opened = chromium.new_page(viewport={"width": 390, "height": 800})
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto((tmp_path / "trace.html").as_uri())
    assert opened.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    assert opened.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(38, 38, 38)", (
        "the style is let in"
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults == []
    opened.close()

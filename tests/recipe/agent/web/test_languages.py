"""The texts of the page: complete in every language."""

import re
from importlib.resources import files

import numpy as np
import pytest
import yaml

from iea.editor import TOOLS, Image, Program
from iea.editor.levels import LEVELS
from iea.recipe.agent.explain import why
from iea.recipe.agent.exports import FORMATS, export
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.grammar.reading import read_request
from iea.recipe.agent.limits import split_request
from iea.recipe.agent.session import Session
from iea.recipe.agent.web.languages import LANGUAGES, Texts


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=str)
def test_a_language_has_all_texts(texts: Texts) -> None:
    english = LANGUAGES["en"]
    assert (texts.ui.keys(), texts.errors.keys(), texts.groups.keys()) == (
        english.ui.keys(),
        english.errors.keys(),
        english.groups.keys(),
    )
    assert (texts.tools.keys(), texts.levels.keys(), texts.formats.keys()) == (
        TOOLS.keys(),
        LEVELS.keys(),
        FORMATS.keys(),
    )


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=str)
def test_every_suggestion_is_understood(texts: Texts) -> None:
    for one in texts.suggestions:
        reading = read_request(one.say)
        assert (reading.edits or reading.improved) and not reading.unknown, one.say


def test_the_sentences_of_limits_are_translated() -> None:
    limits = yaml.safe_load((files("iea.recipe.agent") / "limits.yaml").read_text(encoding="utf-8"))
    local = [split_request(f"brighten the {part}")[1][0] for part in ("sky", "face", "left side", "tree")]
    texts = [one[key] for one in limits for key in ("cannot", "instead")]
    texts += [text for one in local for text in (one.cannot, one.instead)]
    assert {text for text in texts if text} <= LANGUAGES["zh"].sentences.keys()


NAMES = r"deltaE|Adobe DNG SDK|Camera Raw|Lightroom|darktable|[A-Z]\w+|photo"
"""Words that are the same in every language: of other programs, of the settings of Camera Raw, of the photograph."""


def in_chinese(line: str) -> str:
    for english, chinese in LANGUAGES["zh"].translations().items():
        line = line.replace(english, chinese)
    return re.sub(NAMES, "", line)


@pytest.fixture
def image() -> Image:
    return np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize("share", [0.3, -0.75])
@pytest.mark.parametrize("name", FORMATS)
def test_lines_about_an_export_have_no_english_word(name: str, share: float, image: Image) -> None:
    values = {tool: round(100 * share) for tool, one in TOOLS.items() if share > 0 or one.low < 0}
    used = ("temperature", "tint", "grain") if name == "cube1d" else values
    program = Program({tool: value for tool, value in values.items() if tool in used})
    lines = export(program, name, Settings({"photo": image}, size=9)).lines()
    assert lines or name in ("json", "html")
    assert not [line for line in lines if re.search("[a-z]{2}", in_chinese(line))]


def test_the_reasons_of_an_edit_have_no_english_word_of_ours(image: Image) -> None:
    session = Session("photo.jpg")
    assert not re.search("[a-z]", in_chinese(why(session, image)[0]))
    for sign in (1, -1):
        session.give(Program({tool: sign * 30 for tool, one in TOOLS.items() if sign > 0 or one.low < 0}), by="hand")
        lines = [in_chinese(line) for line in why(session, image)]
        assert len(lines) > len(session.program) and not [line for line in lines if re.search("[a-z]", line)]

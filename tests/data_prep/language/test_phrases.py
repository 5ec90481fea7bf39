"""Phrase files: their rules, and errors that name the place."""

from pathlib import Path

import pytest

import iea.data_prep.language
from iea.data_prep.language.phrases import parse_phrases, tool_phrases
from iea.editor import TOOLS

PERSONA = """
  {persona}:
    do: ["raise {it} {how}"]
    do_val: ["lift {it} {how}"]
    wrong: ["{it} is {too} low"]
    wrong_val: ["{it} looks {too} low"]"""
DIRECTION = 'template: ["let in {more} more light"]' + "".join(
    PERSONA.replace("{persona}", persona) for persona in ("expert", "amateur")
)
WHOLE = f"weight: 2\nsimilar: brightness\nplus:\n  {DIRECTION}\nminus:\n  {DIRECTION}\n"


def test_template_orders_are_training_orders_of_the_expert() -> None:
    phrases = parse_phrases(WHOLE, "exposure").direction(20)
    assert phrases.orders("expert", "train") == ("let in {more} more light", "raise {it} {how}")
    assert phrases.orders("amateur", "train") == ("raise {it} {how}",)
    assert phrases.orders("expert", "val") == ("lift {it} {how}",)
    assert phrases.complaints("amateur", "val") == ("{it} looks {too} low",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("plus:", "up:", "plus: Field required; up: Extra"),
        ("wrong_val", "wrong_test", "plus.expert.wrong_val"),
        ('["raise {it} {how}"]', "[]", "plus.expert.do: .*at least 1"),
        ("raise {it} {how}", "raise {it}", r"plus.expert.do.0: .*\{how\} or \{more\}"),
        ("is {too} low", "is {how} low", r"\{too\}"),
        ("is {too} low", "is {too} {too} low", "once"),
        ("weight: 2", "weight: 0", "weight: .*greater than 0"),
        ('template: ["let in {more} more light"]', "template: []", "template order for each direction"),
        ("similar: brightness", "similar: nothing", "similar must be a tool of the same range"),
        ("similar: brightness", "similar: fade", "similar must be a tool of the same range"),
        (WHOLE, "- exposure", "the file: "),
    ],
)
def test_the_error_names_the_broken_place(old: str, new: str, message: str) -> None:
    assert old in WHOLE
    with pytest.raises(ValueError, match=message):
        parse_phrases(WHOLE.replace(old, new), "exposure")


def test_a_tool_without_a_phrase_file_is_an_error_that_names_the_file() -> None:
    with pytest.raises(FileNotFoundError, match=r"Add data_prep/language/tools/nothing\.yaml"):
        tool_phrases("nothing")


def test_every_phrase_file_belongs_to_a_tool() -> None:
    folder = Path(iea.data_prep.language.__path__[0]) / "tools"
    assert {path.stem for path in folder.iterdir()} == set(TOOLS)

"""The texts of the page: complete in every language."""

from importlib.resources import files

import pytest
import yaml

from iea.editor import TOOLS
from iea.editor.levels import LEVELS
from iea.recipe.agent.exports import FORMATS
from iea.recipe.agent.grammar.reading import read_request
from iea.recipe.agent.limits import split_request
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

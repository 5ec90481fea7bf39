"""A phrase file that is not as it must be is rejected, and the message says where."""

import pytest

from iea.data_prep.language.phrasebook import PHRASEBOOK
from iea.data_prep.language.phrasebook.reading import parse_phrases

WHOLE = """
exposure +:
  do: ["raise {it} {how}"]
  do_val: ["lift {it} {how}"]
  wrong: ["{it} is {too} low"]
  wrong_val: ["{it} looks {too} low"]
"""


def test_a_file_becomes_phrases_behind_those_that_are_given() -> None:
    book = parse_phrases(WHOLE, {("exposure", 1): ("let in {more} more light",)})
    assert list(book) == [("exposure", 1)]
    assert book["exposure", 1].do == ("let in {more} more light", "raise {it} {how}")
    assert book["exposure", 1].complaints("val") == ("{it} looks {too} low",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("exposure +", "exposition +", "exposition"),
        ("wrong_val", "wrong_test", "must have the lists"),
        ('["raise {it} {how}"]', "[]", "do of 'exposure \\+' must be a list"),
        ("raise {it} {how}", "raise {it}", "\\{how\\}"),
        ("is {too} low", "is {how} low", "\\{too\\}"),
        ("is {too} low", "is {too} {too} low", "once"),
        (WHOLE, "- exposure", "tool and a sign"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, message: str) -> None:
    assert old in WHOLE
    with pytest.raises(ValueError, match=message):
        parse_phrases(WHOLE.replace(old, new))


@pytest.mark.parametrize("persona", ["expert", "amateur"])
def test_training_has_more_ways_to_say_a_thing_than_the_held_out_wording(persona: str) -> None:
    for phrases in PHRASEBOOK[persona].values():  # type: ignore[index]
        assert len(phrases.do) >= 5 > len(phrases.do_val)
        assert len(phrases.wrong) >= 5 > len(phrases.wrong_val)

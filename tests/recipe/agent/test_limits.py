"""Limits: requests that no tool fulfils are recognized, and no phrase for a tool is taken for one."""

import pytest

from iea.data_prep.language.phrases import PERSONAS, tool_phrases
from iea.editor import TOOLS
from iea.recipe.agent.limits import split_request


@pytest.mark.parametrize(
    ("request_text", "name"),
    [
        ("crop it to a square", "crop"),
        ("Straighten the horizon", "geometry"),
        ("make the picture bigger", "size"),
        ("reduce the noise", "noise"),
        ("it is out of focus", "true blur"),
        ("blur the background", "background"),
        ("whiten my teeth", "retouching of faces"),
        ("remove the man", "objects"),
        ("get rid of the power lines", "objects"),
        ("add a rainbow", "adding things"),
        ("turn the green to blue", "one hue"),
        ("tone down the reds", "one hue"),
        ("teal and orange look", "two tones"),
        ("make it look like a painting", "styles"),
        ("make everything but the flower black and white", "local"),
        ("darken the sky", "local"),
        ("brighten her face a little", "local"),
        ("warm up the left side", "local"),
        ("make the color of the sky deeper", "local"),
        ("in the photo of us the sky is too dark", "local"),
    ],
)
def test_a_limit_is_named_with_an_alternative(request_text: str, name: str) -> None:
    rest, limits = split_request(request_text)
    assert (rest, [limit.name for limit in limits]) == ("", [name])
    assert limits[0].cannot.endswith(".") and (limits[0].instead or name == "size")


@pytest.mark.parametrize("tool", TOOLS)
def test_no_phrase_for_a_tool_meets_a_limit(tool: str) -> None:
    for direction in (tool_phrases(tool).plus, tool_phrases(tool).minus):
        for persona in PERSONAS:
            for split in ("train", "val"):
                for phrase in (*direction.orders(persona, split), *direction.complaints(persona, split)):  # type: ignore[arg-type]
                    text = phrase.format(it="my photo", how="", more="", some="a bit of", too="too")
                    assert split_request(text) == (text, ()), text


@pytest.mark.parametrize(
    "request_text",
    ["the photo of my cat is too dark, brighten it", "a picture of my dog: warmer please", "turn it black and white"],
)
def test_words_for_the_subject_are_no_limit(request_text: str) -> None:
    assert split_request(request_text)[1] == ()


def test_a_limit_names_the_words_of_a_chinese_request() -> None:
    assert [(limit.name, limit.said) for limit in split_request("天空更蓝一些，裁剪一下")[1]] == [
        ("local", "天空更蓝一些"),
        ("crop", "裁剪一下"),
    ]


def test_the_rest_of_a_request_is_kept() -> None:
    rest, limits = split_request("Make it warmer, crop it, and lift the shadows a lot")
    assert rest == "make it warmer, lift the shadows a lot" and [limit.said for limit in limits] == ["crop it"]

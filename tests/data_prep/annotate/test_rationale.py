"""The sentences of the offline teacher state the measurements and do not contradict the program."""

import numpy as np
import pytest

from iea.data_prep.annotate.rationale import measured, reasoning
from iea.editor import TOOLS, Program, render


@pytest.fixture(scope="module")
def image(tmp_path_factory, make_photo):
    """(90, 120, 3) uint8, soft colors."""
    return make_photo(tmp_path_factory.mktemp("image") / "p.png", 4)


@pytest.mark.parametrize(
    "edits, words",
    [
        ({"exposure": 45}, "much brighter"),
        ({"exposure": -45}, "much darker"),
        ({"saturation": 60}, "more colourful"),
        ({"saturation": -60}, "less colourful"),
        ({"temperature": 50}, "warmer"),
        ({"temperature": -50}, "cooler"),
        ({"tint": 50}, "greener"),
        ({"tint": -50}, "more magenta"),
        ({"contrast": 60}, "stronger in contrast"),
        ({"contrast": -60}, "softer in contrast"),
        ({"grain": 30}, "look should stay"),
    ],
)
def test_the_effect_of_an_edit_is_the_wanted_change(edits, words, image):
    (sentence,) = [
        sentence
        for sentence in reasoning(image, render(image, edits), (), Program(edits)).split(". ")
        if sentence.startswith(("It should become", "The overall look"))
    ]
    assert words in sentence


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_is_a_step_with_its_value_and_meaning(name, image):
    for value in (80, TOOLS[name].low // 2):
        if value:
            text = reasoning(image, render(image, {name: value}), (), Program({name: value}))
            meaning = TOOLS[name].plus if value > 0 else TOOLS[name].minus
            assert f"First {name.replace('_', ' ')} {value:+d}, a" in text and meaning in text


def test_steps_come_in_the_program_s_order_after_the_operators(image):
    program = Program({"exposure": 20, "contrast": 20, "saturation": 20, "tint": 20, "vignette": -20})
    text = reasoning(image, render(image, program), ("natural_contrast", "tint"), program)
    assert "Mainly use natural contrast and tint." in text
    places = [text.index(f"{name} {value:+d}") for name, value in program.items()]
    assert places == sorted(places) and places[0] > text.index("Mainly")


def test_no_sentence_contradicts_the_program(image):
    reference = render(image, {"contrast": -60})
    assert "softer in contrast" in reasoning(image, reference, (), Program({"exposure": 20}))
    assert "softer in contrast" not in reasoning(image, reference, (), Program({"contrast": 20}))


def test_making_a_image_darker_does_not_count_as_desaturation(image):
    before, after = measured(image), measured(render(image, {"exposure": -60}))
    assert after["exposure"] < 0.7 * before["exposure"]
    assert after["saturation"] >= before["saturation"]


def test_black_can_be_measured():
    assert measured(np.zeros((2, 2, 3), np.uint8))["saturation"] == 0

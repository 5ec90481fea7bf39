"""The reader of requests: every phrase of every phrase file, random requests in held-out words, and the words of people."""

import numpy as np
import pytest

from iea.data_prep.language.phrases import PERSONAS, Persona, PhraseSplit, tool_phrases
from iea.data_prep.language.requests import paraphrase
from iea.editor import TOOLS
from iea.editor.levels import level
from iea.recipe.agent.grammar.lexicon import Lexicon
from iea.recipe.agent.grammar.reading import read_request

pytestmark = pytest.mark.slow
SPLITS: tuple[PhraseSplit, ...] = ("train", "val")


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("sign", [1, -1])
def test_every_phrase_is_read_as_its_tool_sign_and_strength(tool: str, sign: int) -> None:
    direction = tool_phrases(tool).direction(sign)
    for split in SPLITS:
        for persona in PERSONAS:
            for order in direction.orders(persona, split):
                words = dict.fromkeys(("how", "more", "some"), "a little")
                reading = read_request(order.format(it="the photo", **words))
                assert {edit.tool: edit.value for edit in reading.edits} == {tool: 20 * sign}, order
                assert not reading.unknown, order
            for complaint in direction.complaints(persona, split):
                reading = read_request(complaint.format(it="my photo", too="far too"))
                assert {edit.tool: edit.value for edit in reading.edits} == {tool: 80 * sign}, complaint
                assert not reading.unknown and reading.edits[0].complaint, complaint


@pytest.mark.parametrize("persona", PERSONAS)
def test_random_requests_in_held_out_words_are_read_from_training_phrases(persona: Persona) -> None:
    """Up to three tools with strengths; the lexicon has neither the held-out phrases nor the words of words.yaml."""
    rng, lexicon, right = np.random.default_rng(11), Lexicon(("train",), plain_too=False), 0
    for _ in range(100):
        tools = [str(tool) for tool in rng.choice(list(TOOLS), int(rng.integers(1, 4)), replace=False)]
        program = {
            tool: int(rng.choice([20, 45, 80, 100])) * (-1 if TOOLS[tool].low and rng.random() < 0.5 else 1)
            for tool in tools
        }
        found = read_request(paraphrase(rng, program, persona, "val"), lexicon).applied({})
        right += {tool: (value > 0, level(value)) for tool, value in found.items()} == {
            tool: (value > 0, level(value)) for tool, value in program.items()
        }
    assert right >= 98


@pytest.mark.parametrize(
    ("request_text", "program"),
    [
        ("make it warmer and a bit brighter", {"temperature": 45, "brightness": 20}),
        ("lift the shadows and highlights", {"shadows": 45, "highlights": 45}),
        ("reduce highlights and boost shadows", {"shadows": 45, "highlights": -45}),
        ("the photo is dark and blue", {"brightness": 45, "temperature": 45}),
        ("could you brighten up this photo? it's very dark", {"brightness": 45}),
        ("it isn't sharp enough", {"sharpness": 45}),
        ("make it brighter but not too bright", {"brightness": 20}),
        ("Please fix this blurry image for me!", {"sharpness": 45}),
        ("increase saturnation slightly", {"saturation": 20}),
        ("add a subtle vignette", {"vignette": -20}),
        ("boost the vignette", {"vignette": -45}),
        ("contrast +20, saturation -10", {"contrast": 20, "saturation": -10}),
        ("decrease contrast by 15%", {"contrast": -15}),
        ("warmer white balance", {"temperature": 45}),
        ("black & white", {"saturation": -100, "contrast": 20}),
        ("slightly moody", {"exposure": -9, "highlights": -13, "contrast": 7, "saturation": -11, "vignette": -13}),
        ("colours are dull", {"saturation": 45}),
        ("remove the haze", {"contrast": 45}),
        ("more clarity", {"natural_contrast": 45}),
        ("bring out the texture", {"natural_contrast": 45}),
        ("colours are washed out", {"saturation": 45}),
        ("make it look flat", {"contrast": -45}),
        ("shadows +40 highlights -60", {"shadows": 40, "highlights": -60}),
        ("Exposure: +0.5, Clarity: 20", {"exposure": 25, "natural_contrast": 20}),
        ("local contrast +20", {"natural_contrast": 20}),
        ("one and a half stops darker", {"exposure": -75}),
        ("10% warmer", {"temperature": 10}),
        ("brighter by 20", {"brightness": 20}),
        ("20% less contrast", {"contrast": -20}),
        ("increase contrast from 10 to 30", {"contrast": 30}),
        ("lower exposure to 20", {"exposure": 20}),
        ("shadows up 20 highlights down 30", {"shadows": 20, "highlights": -30}),
        ("get rid of the vignette", {"vignette": 45}),
        ("undo the warmth", {"temperature": -45}),
        ("对比度提高20", {"contrast": 20}),
        ("暖一些，亮一点", {"temperature": 20, "brightness": 20}),
        ("太暗了，对比更强", {"brightness": 45, "contrast": 45}),
        ("降低饱和度，加一点暗角", {"saturation": -45, "vignette": -20}),
    ],
)
def test_the_words_of_people(request_text: str, program: dict[str, int]) -> None:
    reading = read_request(request_text)
    assert (dict(reading.applied({})), reading.unknown) == (dict(reading.applied({})) | program, ())
    assert {edit.tool for edit in reading.edits} == set(program)


@pytest.mark.parametrize(
    ("request_text", "kept", "dropped"),
    [
        ("brighter, but don't touch the colors", ("temperature", "tint", "vibrance", "saturation"), ()),
        ("more contrast but keep the saturation", ("saturation",), ()),
        ("vintage without grain", (), ("grain",)),
        ("no vignette please, just warm it up", (), ("vignette",)),
        ("brighter but don't blow out the highlights", ("highlights",), ()),
    ],
)
def test_negations_keep_or_drop_tools(request_text: str, kept: tuple[str, ...], dropped: tuple[str, ...]) -> None:
    reading = read_request(request_text)
    assert (reading.kept, reading.dropped) == (kept, dropped)
    assert reading.edits and not {edit.tool for edit in reading.edits} & {*kept, *dropped}


@pytest.mark.parametrize(
    "request_text",
    ["don't increase the exposure by 20", "never exposure +20", "do not set contrast to 50", "不要提高曝光20"],
)
def test_a_number_that_is_negated_changes_nothing(request_text: str) -> None:
    assert not read_request(request_text).edits


@pytest.mark.parametrize(
    "request_text", ["temperature 5500k", "contrast -150", "1/0 stops brighter", "exposure " + "9" * 400]
)
def test_numbers_of_another_scale_change_nothing(request_text: str) -> None:
    assert not read_request(request_text).applied({})


@pytest.mark.parametrize("request_text", ["brighter, больше контраста", "brighter, más contraste", "brighter 더 밝게"])
def test_words_of_other_languages_are_named(request_text: str) -> None:
    reading = read_request(request_text)
    assert [edit.tool for edit in reading.edits] == ["brightness"] and reading.unknown


def test_a_number_that_is_not_understood_is_named() -> None:
    assert "2" in read_request("warmer in 2 places").unknown
    assert read_request("9" * 5000 + "% warmer").unknown == ("9" * 5000,)


@pytest.mark.parametrize(
    "request_text", ["make it fluffier", "asdf", "make it look like tuesday", "add more red", "像莫奈"]
)
def test_unknown_words_are_named_and_change_nothing(request_text: str) -> None:
    reading = read_request(request_text)
    assert reading.unknown == (request_text,) and not reading.edits


@pytest.mark.parametrize(
    ("request_text", "tools"),
    [
        ("make it better", tuple(TOOLS)),
        ("enhance this photo", tuple(TOOLS)),
        ("fix the white balance", ("temperature", "tint")),
        ("the white balance is off", ("temperature", "tint")),
        ("improve the clarity", ("natural_contrast",)),
        ("better colors please", ("temperature", "tint", "vibrance", "saturation")),
    ],
)
def test_vague_requests_name_the_tools_to_improve(request_text: str, tools: tuple[str, ...]) -> None:
    reading = read_request(request_text)
    assert (reading.improved, reading.edits) == (tools, ())


def test_edits_add_to_a_program_within_the_ranges() -> None:
    assert read_request("much brighter").applied({"brightness": 40}) == {"brightness": 100}
    assert read_request("set exposure to 10").applied({"exposure": 40}) == {"exposure": 10}
    assert read_request("less grain").applied({"grain": 20, "fade": 5}) == {"fade": 5}

"""Answers for the published editor: both forms, every fault by its reason, and no text that raises."""

import json

import numpy as np
import pytest

from iea.editor import released
from iea.editor.released import Answer, read_answer

INDENTED = json.dumps({"exposure": 20, "tint": -35}, indent=4)
FORMS = (
    f"<think>\nToo dark.\n</think>\n<answer>\n```json\n{INDENTED}\n```\n</answer>",
    f"<answer>\n```json\n{INDENTED}\n```\n</answer>",
)
FAULTS = {
    "": "no_fence",
    "Make it brighter.": "no_fence",
    '{"exposure": 20}': "no_fence",
    '```json {"exposure": 20}': "no_fence",
    '```JSON {"exposure": 20}```': "no_fence",
    '``` {"exposure": 20} ```': "no_fence",
    "```json```": "unparsable",
    '```json {"exposure": 20,} ```': "unparsable",
    '```json {"exposure": +20} ```': "unparsable",
    "```json {'exposure': 20} ```": "unparsable",
    '```json {"exposure": NaN} ```': "unparsable",
    '```json {"exposure": ' + "9" * 5000 + "} ```": "unparsable",
    "```json " + "[" * 100_000 + " ```": "unparsable",
    "```json [1, 2] ```": "not_object",
    "```json 20 ```": "not_object",
    "```json null ```": "not_object",
    '```json {"exposure": "20"} ```': "not_number",
    '```json {"exposure": true} ```': "not_number",
    '```json {"exposure": null} ```': "not_number",
    '```json {"exposure": {"value": 20}} ```': "not_number",
}


@pytest.mark.parametrize("text", [*FORMS, *(f"Sure! {form} Done." for form in FORMS)])
def test_both_forms_are_read(text: str) -> None:
    assert read_answer(text) == Answer({"exposure": 20, "tint": -35})


@pytest.mark.parametrize(("text", "reason"), FAULTS.items(), ids=lambda text: text[:40])
def test_a_broken_answer_is_an_empty_program_with_a_reason(text: str, reason: str) -> None:
    answer = read_answer(text)
    assert (answer.reason, answer.program) == (reason, {})
    assert 10 < len(answer.text) < 300


@pytest.mark.parametrize(
    ("program", "read", "ignored"),
    [
        ('{"exposure": 120, "tint": -1e3}', {"exposure": 100, "tint": -100}, ()),
        ('{"exposure": 20.5, "fade": 0, "grain": -5}', {"exposure": 20.5, "fade": 0, "grain": -5}, ()),
        ('{"sharpen": 10, "hue": 20, "lightness": -30}', {"sharpness": 10, "temperature": 20, "highlights": -30}, ()),
        ('{"temperature": 9, "hue": 5}', {"temperature": 5}, ()),
        ('{"tint": 1, "tint": 2}', {"tint": 2}, ()),
        ('{"crop": "left", "Exposure": 3, "tint": 1}', {"tint": 1}, ("crop", "Exposure")),
        ('{"tint": 1e999}', {"tint": 100}, ()),
        ("{}", {}, ()),
    ],
)
def test_values_and_names_are_taken_as_the_published_system_does(
    program: str, read: dict[str, float], ignored: tuple[str, ...]
) -> None:
    assert read_answer(f"<answer>```json\n{program}\n```</answer>") == Answer(read, ignored=ignored)


def test_the_first_fence_counts_even_in_the_rationale() -> None:
    text = '<think>```json {"tint": 1} ```</think><answer>```json {"tint": 2} ```</answer>'
    assert read_answer(text).program == {"tint": 1}


def test_damaged_answers_have_a_reading_that_renders() -> None:
    rng, gray = np.random.default_rng(2), np.full((4, 4, 3), 90, np.uint8)
    alphabet = list('{}[]":,.-+eE0123456789`json <>/\\\x00\u00e9') + ["```", "NaN", "true", "null", "exposure"]
    read = 0
    for _ in range(3000):
        text = list(FORMS[int(rng.integers(2))])
        for place in rng.integers(0, len(text), rng.integers(1, 5)):
            text[place] = alphabet[rng.integers(len(alphabet))]
        answer = read_answer("".join(text))
        assert bool(answer.reason) == bool(answer.text) and not (answer.reason and answer.program)
        read += not answer.reason
        assert released.render(gray, answer.program).shape == gray.shape
    assert 100 < read < 2900


def test_another_type_than_a_text_is_a_bug() -> None:
    with pytest.raises(TypeError, match="must be a string, got bytes"):
        read_answer(b"{}")  # type: ignore[arg-type]

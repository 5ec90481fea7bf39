import re
from dataclasses import replace

import pytest

from iea.editor import TOOLS, Program
from iea.editor.describe import STRENGTHS
from iea.recipe.tiny.policy import SPECIAL_TOKENS
from iea.reward_fns.example import Example, ExampleError, reserved
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.prompts import IMAGE, STYLES, Message, Style, editor_prompt, effective_style, tool_table
from iea.reward_fns.tasks import TASKS

PROGRAM = '{"exposure": 20, "tint": -35}'
EXAMPLES = {
    "edit": Example("edit", text="make it warmer", program=PROGRAM, reasoning="It looks cold."),
    "auto": Example("edit", program=PROGRAM, reasoning="It looks dull."),
    "summary": Example("summary", summary="Make it warmer, please."),
    "look": Example("look", text="make it warmer", previous_program='{"exposure": 45}', program=PROGRAM),
    "refine": Example(
        "refine", first_text="make it warmer", text="warmer still", previous_program='{"exposure": 5}', program=PROGRAM
    ),
}
every_prompt = pytest.mark.parametrize(
    ("example", "style"), [(example, style) for example in EXAMPLES.values() for style in STYLES]
)


def messages(example: Example, style: Style) -> list[Message]:
    return TASKS[example.task].messages(example, style)


def said(example: Example, style: Style) -> str:
    return "\n".join(message["content"] for message in messages(example, style))


@every_prompt
def test_a_placeholder_per_image_precedes_the_words(example: Example, style: Style) -> None:
    users = [turn["content"] for turn in messages(example, style) if turn["role"] == "user"]
    count = len(TASKS[example.task].images)
    assert said(example, style).count(IMAGE) == count == len(TASKS[example.task].image_paths(example))
    assert all(content.startswith(IMAGE * (count // len(users))) for content in users)
    assert messages(example, style)[-1]["role"] == "user"


@every_prompt
def test_prompts_hold_no_special_tokens_and_no_unfilled_field(example: Example, style: Style) -> None:
    text = said(example, style)
    assert not [token for token in SPECIAL_TOKENS if token in text]
    assert not re.search(r"\{[a-z_]+\}", text)


@every_prompt
def test_the_prompt_holds_the_request_and_not_the_answer(example: Example, style: Style) -> None:
    text = said(example, style)
    assert example.text in text and (example.previous_program if style == "short" else example.first_text) in text
    assert PROGRAM not in text and "Make it warmer, please." not in text
    assert not example.reasoning or example.reasoning not in text


@every_prompt
def test_the_reward_parses_the_answers_of_training_rows(example: Example, style: Style) -> None:
    text = TASKS[example.task].answer(example, effective_style(example, style))
    if example.task == "summary":
        assert text == example.summary
    else:
        assert parse_answer(text) == Program.from_json(PROGRAM)


def test_only_full_answers_hold_the_rationale() -> None:
    shown = {style: "It looks cold." in TASKS["edit"].answer(EXAMPLES["edit"], style) for style in STYLES}
    assert shown == {"short": False, "direct": False, "full": True}


def test_an_example_without_a_rationale_has_the_direct_style() -> None:
    assert effective_style(EXAMPLES["refine"], "full") == "direct"
    assert effective_style(EXAMPLES["edit"], "full") == "full"
    assert effective_style(EXAMPLES["refine"], "short") == "short"
    assert "<think>" not in said(EXAMPLES["refine"], "direct")
    assert "<think>" in said(EXAMPLES["refine"], "full")


def test_the_short_prompt_is_the_request_alone() -> None:
    assert messages(EXAMPLES["edit"], "short") == [{"role": "user", "content": "<image>make it warmer"}]
    assert messages(EXAMPLES["auto"], "short")[0]["content"] == "<image>make it better"


@pytest.mark.parametrize("kind", ["edit", "auto", "look", "refine"])
def test_the_full_prompt_lists_every_tool_with_range_and_signs(kind: str) -> None:
    system = messages(EXAMPLES[kind], "full")[0]
    assert system["role"] == "system"
    for tool in TOOLS.values():
        line = next(line for line in tool_table().splitlines() if line.startswith(f"{tool.name} "))
        assert line in system["content"]
        assert f"[{tool.low}, {tool.high}]" in line and tool.plus in line and tool.minus in line


@pytest.mark.parametrize("kind", ["edit", "auto", "look", "refine"])
def test_the_full_prompt_says_strengths_when_to_use_a_tool_and_what_none_does(kind: str) -> None:
    system = messages(EXAMPLES[kind], "full")[0]["content"]
    assert STRENGTHS in system and "±20 is slight" in system and "No tool crops" in system
    assert all(f"When {tool.use}." in system for tool in TOOLS.values())
    assert "50 is one stop" in system and "the reverse of Adobe's" in next(
        line for line in system.splitlines() if line.startswith("tint ")
    )


def test_the_full_prompt_leaves_room_for_images_and_requests() -> None:
    assert len(editor_prompt().split()) < 700  # 625 words are about 1000 tokens, of 2560 in +recipe=iea


def test_an_edit_without_a_request_has_its_own_sentence() -> None:
    assert "Request" not in said(EXAMPLES["auto"], "full")
    assert "Request: make it warmer" in said(EXAMPLES["edit"], "full")


def test_a_refinement_of_an_edit_without_a_request_says_so() -> None:
    prompt = said(Example("refine", text="warmer"), "full")
    assert "First request: none" in prompt and "New request: warmer" in prompt


def test_a_refinement_shows_the_previous_program_where_it_is_known() -> None:
    refine = EXAMPLES["refine"]
    assert f"Your previous program: {refine.previous_program}\n" in said(refine, "full")
    assert said(refine, "short") == f"<image><image>{refine.previous_program}\nnow: warmer still"
    unknown = replace(refine, previous_program="")
    assert "previous program" not in said(unknown, "full")
    assert said(unknown, "short") == "<image><image>make it warmer\nnow: warmer still"


@pytest.mark.parametrize("word", [*SPECIAL_TOKENS, "<image>", "<video>", "<audio>", "</think>", "<answer>"])
def test_reserved_words_cannot_enter_a_prompt(word: str) -> None:
    assert reserved(f"brighter {word}") == word
    with pytest.raises(ExampleError, match="plain words"):
        Example("edit", text=f"brighter {word}")


def test_ordinary_words_may_enter_a_prompt() -> None:
    assert not reserved("5 < 6 > 4, <b>bold</b>, a <thing> | that, I think so")

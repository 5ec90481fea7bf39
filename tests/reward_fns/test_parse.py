import json
import sys

import pytest

from iea.editor import TOOLS, ProgramError, Tool
from iea.reward_fns.parse import MAX_PROGRAM_CHARS, parse_answer

PROGRAM = '{"exposure": 20, "tint": -35}'
FENCED = f"```json\n{PROGRAM}\n```"
THOUGHT = "<think>Dull, and {green}.</think>"


@pytest.mark.parametrize(
    "text",
    [
        PROGRAM,
        f" \t\r\n{PROGRAM}\n",
        '{\n  "exposure": 20,\n  "tint": -35\n}',
        FENCED,
        f"```json{PROGRAM}```",
        f"{THOUGHT}<answer>{FENCED}</answer>",
        f"{THOUGHT}<answer>{FENCED}",
        f"\n{THOUGHT}\n\n<answer>\n{FENCED}\n</answer>\n",
        f"<think></think><answer>{FENCED}</answer>",
        f"<think>maybe <answer>{{}}</answer> or ```json``` or <think></think><answer>{FENCED}",
    ],
)
def test_every_accepted_form_gives_the_same_program(text: str) -> None:
    assert parse_answer(text) == {"exposure": 20, "tint": -35}


@pytest.mark.parametrize("text", ["{}", "```json\n{}\n```", "<think></think><answer>```json{}```</answer>"])
def test_an_empty_program_is_a_program(text: str) -> None:
    assert parse_answer(text) == {}


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_the_range_of_every_tool_is_accepted_and_no_more(tool: Tool) -> None:
    for value in (tool.low, tool.high):
        assert parse_answer(json.dumps({tool.name: value})) == {tool.name: value}
    for value in (tool.low - 1, tool.high + 1):
        with pytest.raises(ProgramError) as rejected:
            parse_answer(json.dumps({tool.name: value}))
        assert rejected.value.reason == "out_of_range"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unparsable"),
        ("I would brighten it.", "unparsable"),
        (f"Here it is: {PROGRAM}", "unparsable"),
        (f"{PROGRAM} done", "unparsable"),
        (PROGRAM + PROGRAM, "unparsable"),
        (PROGRAM[:-1], "unparsable"),
        ("{'exposure': 20}", "unparsable"),
        ('{"exposure": 20,}', "unparsable"),
        ('{"exposure": NaN}', "unparsable"),
        ('{"exposure": -Infinity}', "unparsable"),
        ('{"exposure": 020}', "unparsable"),
        ('{"exposure": +20}', "unparsable"),
        ("\ufeff" + PROGRAM, "unparsable"),
        ("\xa0" + PROGRAM, "unparsable"),
        (PROGRAM + "\x00", "unparsable"),
        (f"```\n{PROGRAM}\n```", "unparsable"),
        (f"```json\n{PROGRAM}", "unparsable"),
        ("```json```", "unparsable"),
        ("```json``", "unparsable"),
        (f"{FENCED} done", "unparsable"),
        (f"{THOUGHT}{FENCED}", "unparsable"),
        (f"{THOUGHT}<answer>{PROGRAM}</answer>", "unparsable"),
        (f"<answer>{FENCED}</answer>", "unparsable"),
        (f"<think>no end <answer>{FENCED}</answer>", "unparsable"),
        (f"{THOUGHT}<answer>{FENCED}</answer> done", "unparsable"),
        (f"{THOUGHT}<answer>{FENCED}</answer></answer>", "unparsable"),
        ("[]", "unparsable"),
        ("```json\n[1, 2]\n```", "not_object"),
        ("```json\n20\n```", "not_object"),
        ("```json\nnull\n```", "not_object"),
        ('{"exposure": 20, "exposure": 20}', "duplicate_key"),
        ('{"exposure": 20, "\\u0065xposure": 20}', "duplicate_key"),
        ('{"exposure": {"a": 1, "a": 2}}', "duplicate_key"),
        ('{"hue": 20}', "unknown_tool"),
        ('{"Exposure": 20}', "unknown_tool"),
        ('{"\\ud800": 20}', "unknown_tool"),
        ('{"exposure": 20.0}', "not_integer"),
        ('{"exposure": 1e1}', "not_integer"),
        ('{"exposure": 1e999}', "not_integer"),
        ('{"exposure": true}', "not_integer"),
        ('{"exposure": "20"}', "not_integer"),
        ('{"exposure": null}', "not_integer"),
        ('{"exposure": [20]}', "not_integer"),
        ('{"exposure": {}}', "not_integer"),
        ('{"exposure": 101}', "out_of_range"),
        ('{"fade": -1}', "out_of_range"),
        ('{"exposure": 1' + "0" * 1000 + "}", "out_of_range"),
    ],
)
def test_every_other_answer_has_its_documented_reason(text: str, reason: str) -> None:
    with pytest.raises(ProgramError) as rejected:
        parse_answer(text)
    assert rejected.value.reason == reason


def test_a_program_may_be_padded_up_to_the_limit_and_no_further() -> None:
    inner = PROGRAM[1:]
    longest = "{" + " " * (MAX_PROGRAM_CHARS - len(PROGRAM)) + inner
    assert parse_answer(longest) == parse_answer(PROGRAM)
    with pytest.raises(ProgramError, match=f"at most {MAX_PROGRAM_CHARS} characters, got {MAX_PROGRAM_CHARS + 1}"):
        parse_answer("{ " + longest[1:])


def test_a_long_rationale_is_accepted() -> None:
    assert parse_answer(f"<think>{'x' * 1_000_000}</think><answer>{FENCED}") == parse_answer(PROGRAM)


@pytest.mark.parametrize("piece", ["[", '{"exposure":', " ", '"', "\\", "9", "```json", "<think>", "</think>", "`"])
@pytest.mark.parametrize(
    "form", ["{}", "```json\n{}\n```", "{{{}}}", '{{"exposure": {}}}', "<think></think><answer>{}"]
)
def test_a_million_repetitions_are_unparsable(form: str, piece: str) -> None:
    """No recursion, no huge integer, no backtracking; a quadratic parser would take hours over these 50 texts."""
    with pytest.raises(ProgramError) as rejected:
        parse_answer(form.format(piece * (1_000_000 // len(piece))))
    assert rejected.value.reason == "unparsable"


def test_nesting_beyond_the_recursion_limit_is_unparsable() -> None:
    depth = sys.getrecursionlimit() + 10
    assert depth < MAX_PROGRAM_CHARS
    with pytest.raises(ProgramError) as rejected:
        parse_answer(f"```json{'[' * depth}```")
    assert rejected.value.reason == "unparsable"


def test_an_answer_that_is_not_text_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="must be a string, got bytes"):
        parse_answer(PROGRAM.encode())  # type: ignore[arg-type]

"""Look: a conversation of two answers about one request, of which the last one is scored."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from iea.editor import Image, render
from iea.reward_fns import compute_score, score_text
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import STYLES, Message, Style
from iea.reward_fns.tasks import TASKS, read_example
from iea.reward_fns.tasks.look import is_short, look_turn, render_answer

FIRST, FINAL = '{"exposure": 60}', '{"exposure": 25, "tint": -40}'
EXAMPLE = Example("look", text="make it warmer", previous_program=FIRST, program=FINAL)


def score(row: dict[str, object], answers: list[str], source: str = "iea/edit") -> dict[str, float]:
    """Score as verl calls: the text has all turns, the answers are in the row's extra info."""
    extra = row | {"answers": answers} if answers else row
    return asyncio.run(compute_score(source, "\n".join(["user\n", *answers]), "", extra))


@pytest.mark.parametrize("source", ["iea/edit", "iea/auto"])
def test_the_last_answer_is_scored_and_the_first_one_reported(
    source: str, pair: dict[str, object], original: Image, reference: Image
) -> None:
    first, final = (score_text(original, reference, text) for text in (FIRST, FINAL))
    found = score(pair, [FIRST, FINAL], source)
    assert found | {"reward_ms": 0} == final | {"first_score": first["score"], "reward_ms": 0}
    assert found["score"] > found["first_score"]


@pytest.mark.parametrize("text", [FIRST, "prose", "{}"])
def test_a_single_answer_is_its_own_first_one(text: str, pair: dict[str, object]) -> None:
    found = score(pair, [text])
    assert found["first_score"] == found["score"]
    assert found["parsable"] == (text != "prose")


def test_an_error_in_either_answer_is_an_error(pair: dict[str, object]) -> None:
    assert score(pair | {"original": "/no/such.png"}, [FIRST, FINAL])["error"] == 1


def test_an_answer_is_rendered_on_the_original(pair: dict[str, str], original: Image) -> None:
    result = render_answer(pair["original"], FIRST)
    assert result is not None and np.array_equal(result, render(original, json.loads(FIRST)))
    unchanged = render_answer(pair["original"], "{}")
    assert unchanged is not None and np.array_equal(unchanged, original)
    assert render_answer(pair["original"], "make it brighter") is None


@pytest.mark.parametrize("style", STYLES)
def test_a_row_has_the_first_program_between_the_images(style: Style) -> None:
    *edit, first, look = TASKS["look"].messages(EXAMPLE, style)
    assert edit == TASKS["edit"].messages(Example("edit", text="make it warmer"), style)
    assert first == {"role": "assistant", "content": FIRST if style == "short" else f"```json\n{FIRST}\n```"}
    assert look == look_turn(short=style == "short") and is_short(edit) == (style == "short")
    shown: list[Message] = [*edit, look]
    assert [turn["content"].count("<image>") for turn in shown if turn["role"] == "user"] == [1, 1]


@pytest.mark.parametrize(
    ("first", "reason"), [("", "program_unparsable"), ("{}", "no_edit"), ('{"exposure": 900}', "program_out_of_range")]
)
def test_a_row_needs_a_first_program_that_changes_something(first: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ExampleError) as caught:
        read_example({"task": "look", "name": "one", "program": FINAL, "previous_program": first})
    assert caught.value.reason == reason

"""A model behind an endpoint: a real server on loopback that answers, declines, writes prose and fails."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from evaluated_rows import PROGRAM, write_rows

from iea.data_prep.annotate.online import UnfinishedError
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.systems import SYSTEMS
from iea.recipe.evaluation.systems.endpoint import Conversation, EndpointSettings, messages
from iea.reward_fns.chat import ChatError

SYSTEM = SYSTEMS["endpoint"]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path, "edit", "refine", "edit")


def settings(server: Any, **others: Any) -> EndpointSettings:
    quick: dict[str, Any] = {"attempts": 2, "backoff_s": 0.0, "concurrency": 1, "image_side": 24}
    return EndpointSettings(url=server.url, model="m", **quick | others)


def scored(rows: Path, options: EndpointSettings) -> pd.DataFrame:
    return evaluate(SYSTEM, rows, options)


def test_the_request_has_the_tools_the_words_and_every_image(rows: Path, server: Any) -> None:
    server.script = [server.completion(PROGRAM)]
    assert scored(rows, settings(server)).r_like.tolist() == [1, 1, 1]
    first, second, _ = server.seen
    assert first["model"] == "m" and first["temperature"] == 0 and first["max_tokens"] == 2000
    system, user = first["messages"]
    assert "exposure [-100, 100]" in system["content"]
    image, words = user["content"]
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,") and "much brighter, please" in words["text"]
    assert [part["type"] for part in second["messages"][1]["content"]] == ["image_url", "image_url", "text"]


def test_prose_refusals_and_empty_answers_fail_by_their_reason(rows: Path, server: Any) -> None:
    server.script = [
        server.completion("I would make it brighter."),
        server.completion(None, refusal="I cannot edit people."),
        server.completion("<think>cut", finish="length"),
    ]
    results = scored(rows, settings(server))
    assert results.failure.tolist() == ["unparsable", "declined", "cut_off"]
    assert results.score.tolist() == [-1, -1, -1] and results.parsable.eq(0).all()
    assert results.answer[0] == "I would make it brighter." and "people" in results.failure_text[1]


def test_a_rationale_before_the_program_is_no_fault(rows: Path, server: Any) -> None:
    fenced = f"<answer>\n```json\n{PROGRAM}\n```\n</answer>"
    server.script = [
        server.completion(f"<think>it is dark</think>\n{fenced}"),
        server.completion(f"[THINK]dark[/THINK]{PROGRAM}"),
        server.completion(PROGRAM),
    ]
    assert scored(rows, settings(server)).r_like.tolist() == [1, 1, 1]


def test_a_rejected_request_fails_its_row_alone(rows: Path, server: Any) -> None:
    server.script = [server.completion(PROGRAM), server.status(400, "flagged"), server.completion(PROGRAM)]
    results = scored(rows, settings(server))
    assert results.failure.tolist() == ["", "http_400", ""] and results.r_like.tolist() == [1, -1, 1]


def test_faults_of_the_endpoint_stop_and_paid_answers_are_kept(rows: Path, server: Any, tmp_path: Path) -> None:
    options = settings(server, cache=tmp_path / "cache")
    server.script = [server.completion(PROGRAM), *[server.status(503)] * 2, server.completion(PROGRAM)]
    with pytest.raises(UnfinishedError, match="1 of 3 rows are unanswered"):
        scored(rows, options)
    assert len(server.seen) == 4
    assert scored(rows, options).r_like.tolist() == [1, 1, 1] and len(server.seen) == 5


def test_partial_counts_unanswered_rows_as_failed(rows: Path, server: Any) -> None:
    server.script = [server.completion(PROGRAM), server.reset, server.reset, server.completion(PROGRAM)]
    results = scored(rows, settings(server, partial=True))
    assert results.failure.tolist() == ["", "connection", ""] and results.score[1] == -1


def test_a_key_that_is_refused_is_no_fault_of_the_model(rows: Path, server: Any) -> None:
    server.script = [server.status(401)]
    with pytest.raises(UnfinishedError, match="http_401|HTTP 401"):
        scored(rows, settings(server))
    assert len(server.seen) == 1  # the breaker stops the others


def test_a_budget_holds_over_the_chunks_of_a_run(rows: Path, server: Any) -> None:
    server.script = [server.completion(PROGRAM)]
    session, table = Conversation(settings(server, budget_tokens=3000)), pd.read_parquet(rows)
    session(table.iloc[:2])
    with pytest.raises(UnfinishedError, match="spent 2200 of 3000 tokens"):
        session(table.iloc[2:])
    assert session.usage.requests == 2 and session.usage.tokens_out == 200


def test_a_summary_is_the_text_after_the_rationale(server: Any, tmp_path: Path) -> None:
    rows = write_rows(tmp_path, "summary")
    server.script = [server.completion("<think>hm</think> Brighten it.")]
    (answer,) = SYSTEM.answers(pd.read_parquet(rows), settings(server))
    assert answer == "Brighten it."


def test_short_prompts_can_be_made_for_a_model_that_was_not_trained_on_them(tmp_path: Path) -> None:
    row = pd.read_parquet(write_rows(tmp_path, "refine", style="short")).to_dict("records")[0]
    (short,) = messages(row, "", str)
    assert "tools" not in json.dumps(short)
    system, user = messages(row, "full", Path)  # type: ignore[arg-type]  # any value of a URL
    assert "exposure" in system["content"] and "<think>" in user["content"][-1]["text"]
    assert [part["image_url"]["url"].name for part in user["content"][:2]] == ["original0.png", "previous0.png"]


@pytest.mark.parametrize("wrong", [{"url": ""}, {"style": "long"}, {"max_tokens": 0}, {"temperature": -1.0}])
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        EndpointSettings(**{"url": "http://127.0.0.1:1/v1", "model": "m"} | wrong)


def test_an_error_without_a_completion_is_not_the_rows(rows: Path, server: Any) -> None:
    """Every request is rejected: a setting is wrong, not a request."""
    server.script = [server.status(400, "no such parameter")]
    with pytest.raises(UnfinishedError, match="3 of 3 rows") as error:
        scored(rows, settings(server, partial=False))
    assert not isinstance(error.value, ChatError)

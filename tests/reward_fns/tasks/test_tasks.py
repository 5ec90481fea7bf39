"""The tasks, and one set of keys for all of them."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from iea.reward_fns import compute_score
from iea.reward_fns.example import Example
from iea.reward_fns.result import RANGES, failed_score, make_score
from iea.reward_fns.tasks import SOURCES, TASKS, Task, UnknownTaskError, task_named, task_of

TRUTH = '{"exposure": 25, "tint": -40, "sharpness": -60}'


def test_every_data_source_has_one_task() -> None:
    assert [task_of(source) for task in TASKS.values() for source in task.sources] == list(SOURCES.values())
    assert task_of("iea/edit") is task_of("iea/auto") is not task_of("iea/refine")


def test_a_task_without_a_file_is_named() -> None:
    with pytest.raises(UnknownTaskError, match="must be one of edit, look, refine, summary, got 'paint'"):
        task_named("paint")


@pytest.mark.parametrize("source", ["", "iea", "openai/gsm8k"])
def test_a_data_source_without_a_task_is_named(source: str) -> None:
    with pytest.raises(UnknownTaskError, match=f"must be one of .*'iea/edit'.*got '{source}'"):
        task_of(source)


@pytest.mark.parametrize("source", ["iea/unheard_of", None, ["iea/edit"]])
def test_a_row_without_a_task_is_an_error(pair: dict[str, str], source: Any) -> None:
    result = asyncio.run(compute_score(source, TRUTH, "", pair))
    assert result | {"reward_ms": 0.0} == failed_score(0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reported": ("r_lik",)}, r"must name keys of the result, got \['r_lik'\]"),
        ({"sources": ()}, "must be a tuple of"),
        ({"images": ()}, "must be a tuple of"),
    ],
)
def test_an_incomplete_task_is_rejected(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TASKS["edit"], **change)


def test_all_tasks_and_paths_have_the_same_keys(pair: dict[str, str], judge_server: Any) -> None:
    rows: dict[str, Any] = pair | {"previous": pair["original"], "summaries": ["make it warmer"]}

    async def main() -> list[dict[str, float]]:
        async with judge_server("7", "great") as server:
            judge = {"backend": "url", "url": f"http://{server.address}/v1", "model": "m"}
            calls = [
                (source, text, row)
                for source in [*SOURCES, "iea/unheard_of"]
                for text in (TRUTH, "{}", "prose", "warm it up", "cool it down", "")
                for row in (rows, rows | {"answers": ["{}", text]}, {}, None)
            ]
            return [await compute_score(*call[:2], "", call[2], judge=judge) for call in calls]

    results = asyncio.run(main())
    assert {tuple(result) for result in results} == {tuple(RANGES)}
    assert all(type(value) is float for result in results for value in result.values())
    assert {result["fallback"] for result in results} == {result["error"] for result in results} == {0.0, 1.0}


def _task(**changes: object) -> Task:
    return replace(TASKS["edit"], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": ("refrence",)}, "images of the task 'edit' must be a tuple of columns among"),
        ({"images": "original"}, "images of the task 'edit' must be a tuple"),
        ({"sources": "iea/edit"}, "sources of the task 'edit' must be a tuple"),
        ({"images": ()}, "images of the task 'edit' must be a tuple"),
    ],
)
def test_a_task_with_bad_fields_is_an_error(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _task(**changes)


def test_a_task_writes_only_its_own_data_sources_and_placeholders() -> None:
    example = Example("edit", text="warm it")
    with pytest.raises(ValueError, match="source_of of the task 'edit' must be one of"):
        _task(source_of=lambda _: "iea/other").data_source(example)
    with pytest.raises(ValueError, match="must be words without <image>"):
        _task(request=lambda *_: "<image> compare").messages(example, "short")


@pytest.mark.parametrize("score", [{"score": 1.0}, make_score(score=5), make_score(score=float("nan"))])
def test_an_incomplete_or_impossible_score_is_an_error(
    score: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*_: object) -> dict[str, float]:
        return score

    monkeypatch.setitem(SOURCES, "iea/wrong", _task(score=wrong))
    result = asyncio.run(compute_score("iea/wrong", "{}", ""))
    assert result["error"] == 1 and result.keys() == RANGES.keys()

"""Which task a row is, and one key set for all."""

import asyncio
from typing import Any

import pytest

from iea.reward_fns import compute_score
from iea.reward_fns.result import Result, failed_score
from iea.reward_fns.tasks import TASKS, Task, UnknownTaskError, task_of

TRUTH = '{"exposure": 25, "tint": -40, "sharpness": -30}'


def test_every_data_source_has_one_task() -> None:
    assert set(TASKS) == {"iea/edit", "iea/auto", "iea/refine", "iea/summary"}
    assert task_of("iea/edit") is task_of("iea/auto") is not task_of("iea/refine")


@pytest.mark.parametrize("source", ["", "iea", "openai/gsm8k"])
def test_a_data_source_without_a_task_is_named(source: str) -> None:
    with pytest.raises(UnknownTaskError, match=f"must be one of .*'iea/edit'.*got '{source}'"):
        task_of(source)


@pytest.mark.parametrize("source", ["iea/unheard_of", None, ["iea/edit"]])
def test_a_row_of_no_task_is_an_error(pair: dict[str, str], source: Any) -> None:
    result = asyncio.run(compute_score(source, TRUTH, "", pair))
    assert result | {"reward_ms": 0.0} == failed_score(0.0)


def test_a_task_reports_only_what_there_is() -> None:
    async def score(*_: Any) -> Any:
        pytest.fail("a task that cannot be must not be asked")

    with pytest.raises(ValueError, match=r"must name fields of Result, got \['r_lik'\]"):
        Task(("iea/other",), ("r_lik",), score)


def test_all_tasks_and_paths_have_the_same_keys(pair: dict[str, str], judge_server: Any) -> None:
    rows = pair | {"previous": pair["original"], "summaries": ["make it warmer"]}

    async def main() -> list[dict[str, float]]:
        async with judge_server("7", "great") as server:
            judge = {"backend": "url", "url": f"http://{server.address}/v1", "model": "m"}
            calls = [
                (source, text, row)
                for source in [*TASKS, "iea/unheard_of"]
                for text in (TRUTH, "{}", "prose", "warm it up", "")
                for row in (rows, {}, None)
            ]
            return [await compute_score(*call[:2], "", call[2], judge=judge) for call in calls]

    results = asyncio.run(main())
    assert {tuple(result) for result in results} == {tuple(Result.__dataclass_fields__)}
    assert all(type(value) is float for result in results for value in result.values())
    assert {result["fallback"] for result in results} == {result["error"] for result in results} == {0.0, 1.0}

"""Calls for one pair are scored together, and no call pays for another."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from iea.reward_fns.batch import Batcher, Paths, shared_batcher
from iea.reward_fns.pool import WorkerError, WorkerTimeout, shared_pool
from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.weights import DEFAULT_WEIGHTS, read_weights

TEXTS = [f'{{"exposure": {value}, "contrast": 10}}' for value in range(5, 45, 5)]


class Recording:
    """The shared pool, with a list of the texts of every job."""

    def __init__(self) -> None:
        self.jobs: list[list[Any]] = []

    async def run(self, deadline_s: float, function: Callable[..., Any], *arguments: Any, holds: Any) -> Any:
        self.jobs.append(arguments[2])
        return await shared_pool(1).run(deadline_s, function, *arguments, holds=holds)


def gather(pool: Any, pair: Paths, texts: list[Any]) -> list[Any]:
    async def main() -> list[Any]:
        batcher = Batcher(pool)
        calls = (batcher.score(pair, text, DEFAULT_WEIGHTS, 20.0) for text in texts)
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(main())


def timeless(score: Score) -> Score:
    return score | {"reward_ms": 0.0}


@pytest.fixture
def paths(pair: dict[str, str]) -> Paths:
    return pair["original"], pair["reference"]


def test_calls_made_at_once_are_one_job_and_score_as_alone(paths: Paths) -> None:
    pool = Recording()
    scores = gather(pool, paths, TEXTS)
    assert pool.jobs == [TEXTS]
    assert [timeless(s) for s in scores] == [timeless(score_files(*paths, [t])[0]) for t in TEXTS]


def test_calls_that_come_during_a_job_are_the_next_one(paths: Paths) -> None:
    pool = Recording()

    async def main() -> None:
        batcher = Batcher(pool)  # type: ignore[arg-type]
        first = asyncio.create_task(batcher.score(paths, TEXTS[0], DEFAULT_WEIGHTS, 20.0))
        while not pool.jobs:
            await asyncio.sleep(0)
        await asyncio.gather(
            first, *(batcher.score(paths, text, DEFAULT_WEIGHTS, 20.0) for text in TEXTS[1:])
        )

    asyncio.run(main())
    assert pool.jobs == [TEXTS[:1], TEXTS[1:]]


def test_pairs_and_weights_are_kept_apart(paths: Paths) -> None:
    pool = Recording()

    async def main() -> list[Score]:
        batcher = Batcher(pool)  # type: ignore[arg-type]
        swapped, usual, other = paths[::-1], DEFAULT_WEIGHTS, read_weights(w=0.2)
        calls = [(paths, usual), (swapped, usual), (paths, other), (swapped, usual)]
        return await asyncio.gather(*(batcher.score(pair, TEXTS[1], w, 20.0) for pair, w in calls))

    scores = asyncio.run(main())
    assert sorted(map(len, pool.jobs)) == [1, 1, 2]
    assert timeless(scores[1]) == timeless(scores[3])
    assert len({score["score"] for score in scores}) == 3


def test_a_call_that_fails_costs_the_others_nothing(paths: Paths) -> None:
    pool = Recording()
    *scores, failed = gather(pool, paths, [*TEXTS[:3], 7])
    assert [score["error"] for score in scores] == [0, 0, 0]
    assert isinstance(failed, WorkerError)
    assert [len(job) for job in pool.jobs] == [4, 1, 1, 1, 1]


def test_a_cancelled_call_costs_the_others_nothing(paths: Paths) -> None:
    async def main() -> tuple[Any, ...]:
        batcher = shared_batcher(1)
        calls = [asyncio.create_task(batcher.score(paths, text, DEFAULT_WEIGHTS, 20.0)) for text in TEXTS]
        await asyncio.sleep(0)
        calls[2].cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    results = asyncio.run(main())
    assert isinstance(results[2], asyncio.CancelledError)
    assert all(score["error"] == 0 for number, score in enumerate(results) if number != 2)


def test_a_batcher_belongs_to_a_loop_and_a_number_of_workers() -> None:
    async def main() -> Batcher:
        assert shared_batcher(1) is shared_batcher(1)
        assert shared_batcher(1) is not shared_batcher(2)
        return shared_batcher(1)

    assert asyncio.run(main()) is not asyncio.run(main())


def test_answers_of_a_batch_that_passes_its_deadline_are_scored_one_by_one(paths: Paths) -> None:
    class Late(Recording):
        async def run(
            self, deadline_s: float, function: Callable[..., Any], *arguments: Any, holds: Any
        ) -> Any:
            if len(arguments[2]) > 1:
                self.jobs.append(arguments[2])
                raise WorkerTimeout("too late")
            return await super().run(deadline_s, function, *arguments, holds=holds)

    pool = Late()
    scores = gather(pool, paths, TEXTS[:3])
    assert [score["error"] for score in scores] == [0, 0, 0]
    assert [len(job) for job in pool.jobs] == [3, 1, 1, 1]


def test_a_service_that_is_cancelled_leaves_nobody_waiting_and_the_pair_free(paths: Paths) -> None:
    class Never:
        async def run(self, *_: Any, **__: Any) -> Any:
            await asyncio.Event().wait()

    async def main() -> None:
        batcher = Batcher(Never())  # type: ignore[arg-type]
        calls = [asyncio.create_task(batcher.score(paths, text, DEFAULT_WEIGHTS, 20.0)) for text in TEXTS[:2]]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        calls.append(asyncio.create_task(batcher.score(paths, TEXTS[2], DEFAULT_WEIGHTS, 20.0)))
        await asyncio.sleep(0)
        [service] = batcher._serving
        service.cancel()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)
        assert not batcher._waiting

    asyncio.run(main())

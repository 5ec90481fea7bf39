"""A judge in a Ray actor, and a process without Ray."""

import asyncio
import math
from collections.abc import Iterator
from typing import Any

import pytest

from iea.reward_fns.judge import Judge, JudgeError, JudgeSettings

ray = pytest.importorskip("ray", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def score(actor: str, **changes: Any) -> float:
    judge = JudgeSettings(
        backend="actor", actor=actor, **{"timeout_s": 60.0, "backoff_s": 0.0, "attempts": 2, **changes}
    )
    return asyncio.run(Judge(judge).score("make it warmer", "warm it up"))


def test_without_ray_the_error_says_so_and_no_cluster_starts() -> None:
    with pytest.raises(JudgeError, match="needs Ray, got a process that is not connected"):
        score("judge")
    assert not ray.is_initialized()


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, namespace="run")
    yield
    ray.shutdown()


def start(name: str, answer: object, namespace: str | None = None) -> Any:
    """Start an actor that gives every pair the same answer; an exception is raised."""

    class Says:  # local, so that Ray sends the class itself, not the name of a module that workers cannot import
        async def score(self, pairs: list[tuple[str, str]]) -> object:
            assert pairs == [("make it warmer", "warm it up")]
            if isinstance(answer, Exception):
                raise answer
            return answer

    return ray.remote(Says).options(name=name, namespace=namespace, num_cpus=0).remote()


@pytest.mark.lane
def test_actors_judge_and_their_failures_are_judge_errors(cluster: None) -> None:
    kept = [start("good", [6.5]), start("shared", [-10.0], namespace="judges")]
    assert score("good") == 6.5
    assert score("judges/shared") == -10.0
    faults = {"beyond": [11.0], "nan": [math.nan], "two": [1.0, 2.0], "none": None, "words": ["great"]}
    for name, answer in faults.items():
        kept.append(start(name, answer))
        with pytest.raises(JudgeError, match=r"must (be in|answer one pair)"):
            score(name)
    kept.append(start("broken", RuntimeError("out of memory")))
    with pytest.raises(JudgeError, match="out of memory"):
        score("broken")
    with pytest.raises(JudgeError, match="did not answer: ValueError"):
        score("nobody")
    ray.kill(kept[0])
    with pytest.raises(JudgeError, match="did not answer"):
        score("good")


@pytest.mark.lane
def test_an_actor_that_comes_back_is_found_again(cluster: None) -> None:
    async def main() -> tuple[float, float]:
        first = start("phoenix", [1.0])
        judge = Judge(JudgeSettings(backend="actor", actor="phoenix", timeout_s=60.0, attempts=50, backoff_s=0.5))
        before = await judge.score("make it warmer", "warm it up")
        ray.kill(first)
        waiting = asyncio.create_task(judge.score("make it warmer", "warm it up"))
        with pytest.raises(ray.exceptions.RayError):
            await first.score.remote([])
        second = start("phoenix", [2.0])
        after = await waiting
        del second
        return before, after

    assert asyncio.run(main()) == (1.0, 2.0)

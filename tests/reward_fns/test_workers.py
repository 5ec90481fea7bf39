"""Calls in worker processes: each has a timeout, and no call affects another."""

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns import workers
from iea.reward_fns.workers import WorkerDied, WorkerError, WorkerPool, WorkerTimeout, shared_pool

pytestmark = pytest.mark.slow  # the module as a whole

SCRIPTS = Path(__file__).parents[1] / "scripts"
AMPLE_S = 60.0  # for calls that must succeed
SHORT_S = 0.3  # for calls that must time out


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(1)
    yield pool
    pool.close()


@pytest.fixture
def two() -> Iterator[WorkerPool]:
    pool = WorkerPool(2)
    yield pool
    pool.close()


def call(pool: WorkerPool, function: Callable[..., Any], *arguments: object, timeout_s: float = AMPLE_S) -> Any:
    return asyncio.run(pool.run(timeout_s, function, *arguments))


def script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program; wait for every process that holds its output open."""
    command = [sys.executable, str(SCRIPTS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=5 * AMPLE_S, check=False)


def test_a_call_returns_its_value(pool: WorkerPool) -> None:
    assert call(pool, math.hypot, 3, 4) == 5


def test_calls_run_in_one_process_after_another(pool: WorkerPool) -> None:
    pids = {call(pool, os.getpid) for _ in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_an_idle_worker_is_used_before_another_is_started(two: WorkerPool) -> None:
    assert len({call(two, os.getpid) for _ in range(5)}) == 1


def test_workers_run_at_the_same_time(two: WorkerPool, tmp_path: Path) -> None:
    """The first call reads from a pipe into which the second writes."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    async def main() -> list[Any]:
        calls = two.run(AMPLE_S, Path.read_text, fifo), two.run(AMPLE_S, Path.write_text, fifo, "met")
        return await asyncio.gather(*calls)

    assert asyncio.run(main()) == ["met", 3]


def test_an_exception_is_passed_on_and_its_worker_continues(pool: WorkerPool) -> None:
    before = call(pool, os.getpid)
    with pytest.raises(WorkerError, match="math domain error") as raised:
        call(pool, math.sqrt, -1)
    assert raised.value.kind == "ValueError"
    assert call(pool, os.getpid) == before


def test_an_argument_that_cannot_be_pickled_is_rejected(pool: WorkerPool) -> None:
    before = call(pool, os.getpid)
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        call(pool, len, lambda: 0)
    assert call(pool, os.getpid) == before


@pytest.mark.parametrize(
    ("function", "argument"), [(eval, "lambda: 0"), (eval, "__import__('sys')")], ids=["a function", "a module"]
)
def test_a_value_that_cannot_be_pickled_is_an_error(
    pool: WorkerPool, function: Callable[..., Any], argument: str
) -> None:
    before = call(pool, os.getpid)
    with pytest.raises(WorkerError, match="pickle"):
        call(pool, function, argument)
    assert call(pool, os.getpid) == before


def test_a_stopped_worker_is_replaced(pool: WorkerPool) -> None:
    stopped = call(pool, os.getpid)
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(WorkerTimeout, match=f"no answer in {SHORT_S} s"):
        call(pool, math.sqrt, 4, timeout_s=SHORT_S)
    assert call(pool, os.getpid) != stopped


def test_a_large_message_to_a_stopped_worker_times_out(pool: WorkerPool) -> None:
    """The message is larger than the pipe: the write blocks."""
    os.kill(call(pool, os.getpid), signal.SIGSTOP)
    with pytest.raises(WorkerTimeout):
        call(pool, len, "x" * 10_000_000, timeout_s=SHORT_S)


def test_a_call_that_never_returns_is_given_up(pool: WorkerPool) -> None:
    hung = call(pool, os.getpid)
    with pytest.raises(WorkerTimeout):
        call(pool, signal.pause, timeout_s=SHORT_S)
    assert call(pool, os.getpid) != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


def test_inputs_that_hang_cost_two_timeouts_and_not_one_for_each_call(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls read from a pipe into which nobody writes."""
    os.mkfifo(tmp_path / "fifo")

    async def group(count: int) -> list[object]:
        calls = (pool.run(SHORT_S, Path.read_text, tmp_path / "fifo", about="fifo") for _ in range(count))
        return await asyncio.gather(*calls, pool.run(AMPLE_S, math.sqrt, 4, about="four"), return_exceptions=True)

    *hung, other = asyncio.run(group(8))
    assert other == 2 and all(isinstance(error, WorkerTimeout) for error in hung)
    assert ["not tried again" in str(error) for error in hung] == [False] * 2 + [True] * 6
    monkeypatch.setattr(workers, "HUNG_S", 0.0)
    *hung, _ = asyncio.run(group(1))
    assert "no answer in" in str(hung[0]) and "not tried" not in str(hung[0])


def test_a_single_timeout_does_not_affect_later_calls_with_the_same_inputs(pool: WorkerPool) -> None:
    for _ in range(3):
        os.kill(call(pool, os.getpid), signal.SIGSTOP)
        with pytest.raises(WorkerTimeout, match="no answer in"):
            asyncio.run(pool.run(SHORT_S, math.sqrt, 4, about="four"))
        assert asyncio.run(pool.run(AMPLE_S, math.sqrt, 4, about="four")) == 2


def test_a_worker_killed_while_idle_is_replaced(pool: WorkerPool) -> None:
    killed = call(pool, os.getpid)
    os.kill(killed, signal.SIGKILL)
    assert call(pool, os.getpid) != killed


def test_a_call_that_kills_its_workers_is_given_up(pool: WorkerPool) -> None:
    with pytest.raises(WorkerDied, match="code 3"):
        call(pool, os._exit, 3)
    assert call(pool, math.sqrt, 4) == 2


def test_hung_and_dead_workers_do_not_affect_other_calls(two: WorkerPool) -> None:
    async def calls() -> list[object]:
        bad = two.run(SHORT_S, signal.pause), two.run(AMPLE_S, os._exit, 3), two.run(AMPLE_S, math.sqrt, -1)
        good = [two.run(AMPLE_S, math.sqrt, number**2) for number in range(20)]
        return await asyncio.gather(*bad, *good, return_exceptions=True)

    hung, died, failed, *rest = asyncio.run(calls())
    assert [type(error) for error in (hung, died, failed)] == [WorkerTimeout, WorkerDied, WorkerError]
    assert rest == list(range(20))


def test_neither_queue_nor_start_counts_towards_the_timeout(pool: WorkerPool) -> None:
    """The second call has a timeout of 1 s and waits for a start and for a call of 1.2 s."""

    async def main() -> list[object]:
        return await asyncio.gather(pool.run(AMPLE_S, time.sleep, 1.2), pool.run(1.0, math.sqrt, 4))

    assert asyncio.run(main()) == [None, 2]


def test_a_worker_that_does_not_start_is_given_up(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START_LIMIT_S", 1e-3)
    with pytest.raises(WorkerTimeout):
        call(pool, math.sqrt, 4)
    monkeypatch.undo()
    assert call(pool, math.sqrt, 4) == 2


def test_a_call_does_not_block_the_event_loop(pool: WorkerPool, tmp_path: Path) -> None:
    """The worker reads a text that the loop writes after 100 turns; a blocked loop would never write it."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    async def main() -> str:
        reading = asyncio.create_task(pool.run(AMPLE_S, Path.read_text, fifo))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not reading.done()
        await asyncio.to_thread(fifo.write_text, "written by the loop")
        return await reading

    assert asyncio.run(main()) == "written by the loop"


def test_a_call_cancelled_in_the_queue_is_never_made(pool: WorkerPool, tmp_path: Path) -> None:
    async def main() -> None:
        hung = asyncio.create_task(pool.run(SHORT_S, signal.pause))
        queued = asyncio.create_task(pool.run(AMPLE_S, os.mkdir, tmp_path / "made"))
        await asyncio.sleep(0)
        queued.cancel()
        with pytest.raises(asyncio.CancelledError):
            await queued
        with pytest.raises(WorkerTimeout):
            await hung

    asyncio.run(main())
    assert call(pool, math.sqrt, 4) == 2
    assert not (tmp_path / "made").exists()


def test_a_call_cancelled_in_a_worker_does_not_affect_others(pool: WorkerPool) -> None:
    async def main() -> float:
        hung = asyncio.create_task(pool.run(SHORT_S, signal.pause))
        await asyncio.sleep(SHORT_S / 2)
        hung.cancel()
        return await pool.run(AMPLE_S, math.sqrt, 4)

    assert asyncio.run(main()) == 2


def test_workers_have_one_thread_and_no_training_library(pool: WorkerPool) -> None:
    assert call(pool, os.getenv, "OMP_NUM_THREADS") == "1"
    loaded = set(call(pool, eval, "sorted(__import__('sys').modules)"))
    assert "iea.reward_fns.score" in loaded
    assert not loaded & {"torch", "verl", "ray", "vllm", "pandas", "cv2", "tqdm"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no PYTHONSAFEPATH")
def test_workers_import_nothing_from_the_working_directory(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('not this numpy')")
    monkeypatch.chdir(tmp_path)
    assert call(pool, math.sqrt, 4) == 2


@pytest.mark.parametrize("timeout_s", [0, -1, math.nan, math.inf])
def test_a_timeout_that_is_not_positive_is_rejected(pool: WorkerPool, timeout_s: float) -> None:
    with pytest.raises(ValueError, match="timeout_s must be a positive number of seconds"):
        call(pool, math.sqrt, 4, timeout_s=timeout_s)


def test_a_pool_without_workers_is_rejected() -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        WorkerPool(0)


def test_the_shared_pool_is_one_for_each_size() -> None:
    assert shared_pool(1) is shared_pool(1)
    assert shared_pool(1) is not shared_pool(2)


def test_a_forked_child_gets_workers_of_its_own() -> None:
    done = script("forked_child.py")
    assert done.returncode == 0, done.stderr
    parent, before, child, its, after = json.loads(done.stdout)
    assert before == after, "the parent keeps its worker"
    assert len({parent, before, child, its}) == 4


def test_a_busy_worker_ends_with_its_killed_parent(tmp_path: Path) -> None:
    """It holds the captured output open, so `script` waits for its end; it never runs the parent's `__main__`."""
    os.mkfifo(tmp_path / "fifo")
    parent = script("killed_parent.py", str(tmp_path / "fifo"))
    assert (parent.returncode, parent.stdout) == (-signal.SIGKILL, "main runs\n"), parent.stderr


@pytest.mark.slow
def test_a_worker_of_a_ray_actor_does_not_import_ray(pair: dict[str, str]) -> None:
    pytest.importorskip("ray", exc_type=ImportError)
    truth = '{"exposure": 25, "tint": -40, "sharpness": -60}'
    done = script("ray_actor.py", json.dumps(pair), json.dumps(truth))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [pytest.approx(1.0), []]

import asyncio
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns.pool import WorkerDied, WorkerError, WorkerPool, WorkerTimeout, shared_pool

AMPLE_S = 60.0  # for calls that are to succeed
SHORT_S = 0.3  # for calls that are to hang


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(1)
    yield pool
    pool.close()


def call(
    pool: WorkerPool, function: Callable[..., Any], *arguments: object, deadline_s: float = AMPLE_S
) -> Any:
    return asyncio.run(pool.run(deadline_s, function, *arguments))


def test_a_call_gives_its_value(pool: WorkerPool) -> None:
    assert call(pool, math.hypot, 3, 4) == 5


def test_no_worker_starts_before_the_first_call(pool: WorkerPool) -> None:
    assert pool.pids() == []
    call(pool, math.sqrt, 4)
    assert len(pool.pids()) == 1


def test_calls_run_in_one_process_after_another(pool: WorkerPool) -> None:
    assert [call(pool, os.getpid) for _ in range(3)] == pool.pids() * 3
    assert os.getpid() not in pool.pids()


def test_what_a_call_raises_is_told_and_its_worker_goes_on(pool: WorkerPool) -> None:
    call(pool, math.sqrt, 4)
    before = pool.pids()
    with pytest.raises(WorkerError, match="math domain error") as raised:
        call(pool, math.sqrt, -1)
    assert raised.value.kind == "ValueError"
    assert call(pool, math.sqrt, 4) == 2
    assert pool.pids() == before


def test_a_stopped_worker_is_replaced(pool: WorkerPool) -> None:
    [stopped] = [call(pool, os.getpid)]
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(WorkerTimeout, match=f"no answer in {SHORT_S} s"):
        call(pool, math.sqrt, 4, deadline_s=SHORT_S)
    assert call(pool, os.getpid) != stopped


def test_a_message_too_large_for_the_socket_cannot_hang_on_a_stopped_worker(pool: WorkerPool) -> None:
    os.kill(call(pool, os.getpid), signal.SIGSTOP)
    with pytest.raises(WorkerTimeout):
        call(pool, len, "x" * 10_000_000, deadline_s=SHORT_S)


def test_a_call_that_never_returns_is_given_up(pool: WorkerPool) -> None:
    with pytest.raises(WorkerTimeout):
        call(pool, signal.pause, deadline_s=SHORT_S)
    assert call(pool, math.sqrt, 4) == 2


def test_a_worker_killed_while_idle_costs_nothing(pool: WorkerPool) -> None:
    killed = call(pool, os.getpid)
    os.kill(killed, signal.SIGKILL)
    assert call(pool, os.getpid) != killed


def test_a_call_that_kills_its_workers_is_given_up(pool: WorkerPool) -> None:
    with pytest.raises(WorkerDied, match="exit code 3"):
        call(pool, os._exit, 3)
    assert call(pool, math.sqrt, 4) == 2


def test_a_hung_call_costs_the_others_nothing() -> None:
    pool = WorkerPool(2)

    async def calls() -> list[object]:
        hung = [pool.run(SHORT_S, signal.pause) for _ in range(2)]
        good = [pool.run(AMPLE_S, math.sqrt, number**2) for number in range(20)]
        return await asyncio.gather(*hung, *good, return_exceptions=True)

    first, second, *rest = asyncio.run(calls())
    assert isinstance(first, WorkerTimeout)
    assert isinstance(second, WorkerTimeout)
    assert rest == list(range(20))
    pool.close()


def test_the_event_loop_runs_on_while_a_worker_works(pool: WorkerPool, tmp_path: Path) -> None:
    """The worker waits to read what the loop writes only after 100 turns: a blocked loop would never write it."""
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


def test_a_cancelled_call_that_waits_in_the_queue_is_never_made(pool: WorkerPool, tmp_path: Path) -> None:
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


def test_workers_hold_one_thread_each_and_no_training_library(pool: WorkerPool) -> None:
    assert call(pool, os.getenv, "OMP_NUM_THREADS") == "1"
    loaded = set(call(pool, eval, "sorted(__import__('sys').modules)"))
    assert "iea.reward_fns.score" in loaded
    assert not loaded & {"torch", "verl", "ray", "vllm", "pandas", "cv2", "tqdm"}


@pytest.mark.parametrize("deadline_s", [0, -1, math.nan, math.inf])
def test_a_deadline_that_is_no_time_is_refused(pool: WorkerPool, deadline_s: float) -> None:
    with pytest.raises(ValueError, match="deadline_s must be a positive number of seconds"):
        call(pool, math.sqrt, 4, deadline_s=deadline_s)


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="procs must be at least 1, got 0"):
        WorkerPool(0)


def test_the_shared_pool_is_one_for_each_size() -> None:
    assert shared_pool(1) is shared_pool(1)
    assert shared_pool(1) is not shared_pool(2)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 has no PYTHONSAFEPATH")
def test_workers_import_nothing_from_the_working_directory(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('not this numpy')")
    monkeypatch.chdir(tmp_path)
    assert call(pool, math.sqrt, 4) == 2


UNGUARDED_MAIN = """
import asyncio, os, signal
from pathlib import Path
from iea.reward_fns.pool import WorkerPool
print("main runs", flush=True)
pool = WorkerPool(1)
busy = "import pathlib, signal; pathlib.Path('fifo').write_text('busy'); signal.pause()"
async def main():
    hung = asyncio.create_task(pool.run(1000, exec, busy))
    await asyncio.to_thread(Path("fifo").read_text)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_a_busy_worker_ends_with_its_killed_parent_and_never_runs_its_main(tmp_path: Path) -> None:
    """The worker holds the captured output open: its end, too, is waited for."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "main.py").write_text(UNGUARDED_MAIN)
    parent = subprocess.run(
        [sys.executable, "main.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=AMPLE_S,
        check=False,
    )
    assert (parent.returncode, parent.stdout) == (-signal.SIGKILL, "main runs\n"), parent.stderr


def test_calls_go_to_the_worker_that_holds_what_they_need() -> None:
    pool = WorkerPool(2)

    async def main() -> None:
        pids = await asyncio.gather(*(pool.run(AMPLE_S, os.getpid, holds=name) for name in "ab"))
        assert len(set(pids)) == 2, "each must start on a worker of its own"
        for _ in range(3):
            for name, pid in zip("ab", pids, strict=True):
                assert await pool.run(AMPLE_S, os.getpid, holds=name) == pid

    asyncio.run(main())
    pool.close()


def test_a_call_does_not_wait_for_its_busy_holder_while_another_worker_is_idle(tmp_path: Path) -> None:
    pool, fifo = WorkerPool(2), tmp_path / "fifo"
    os.mkfifo(fifo)

    async def main() -> None:
        busy = asyncio.create_task(pool.run(AMPLE_S, Path.read_text, fifo, holds="a"))
        elsewhere = await pool.run(AMPLE_S, os.getpid, holds="a")
        assert not busy.done()
        await asyncio.to_thread(fifo.write_text, "go on")
        assert await busy == "go on"
        assert elsewhere in pool.pids()

    asyncio.run(main())
    pool.close()

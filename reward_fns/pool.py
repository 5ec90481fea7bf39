"""A small process pool whose calls have a deadline and whose workers can be killed one at a time.

Why not a ready-made one: `concurrent.futures.ProcessPoolExecutor` gives up all calls in flight when one
child dies, and every multiprocessing pool re-imports the parent's `__main__` in a spawned child, which in a
Ray worker is Ray's own start script. Here each slot is one thread and one fresh interpreter (never a fork:
the parent has threads and perhaps CUDA), so that losing a worker costs nobody else anything.
"""

import asyncio
import functools
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from iea.reward_fns.jobs import Job, JobQueue

T = TypeVar("T")

START_LIMIT_S = 60.0  # interpreter and imports: 0.3 s on a quiet machine, much more from a cold network disk
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")


class WorkerTimeout(TimeoutError):
    """A call passed its deadline; its worker was killed."""


class WorkerDied(RuntimeError):
    """A worker's process ended before it answered."""


class WorkerError(RuntimeError):
    """A call raised in its worker: `kind` is the exception's type name, the text its traceback."""

    def __init__(self, kind: str, trace: str) -> None:
        super().__init__(kind, trace)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[1])


class _Worker:
    """One child process, the socket to it, and its standard input, which it watches to end with its parent."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._replies = self._channel.makefile("rb")
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "iea.reward_fns.worker", str(theirs.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env={
                    **os.environ,
                    **ONE_THREAD,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # what the parent can import
                    "PYTHONSAFEPATH": "1",  # and not whatever lies in the working directory
                },
            )
        self._exchange(b"", START_LIMIT_S)

    def ask(self, message: bytes, deadline_s: float) -> Any:
        """The value of one pickled call.

        Raises
        ------
        WorkerTimeout, WorkerDied : the worker is gone, and this object closed
        WorkerError : the call raised; the worker is ready for the next
        """
        value, raised = self._exchange(message, deadline_s)
        if raised is not None:
            raise WorkerError(*raised)
        return value

    def _exchange(self, message: bytes, limit_s: float) -> Any:
        self._channel.settimeout(limit_s)  # for the write as well: a stopped worker reads nothing
        try:
            self._channel.sendall(message)
            return pickle.load(self._replies)
        except TimeoutError as error:
            self.close()
            raise WorkerTimeout(f"no answer in {limit_s} s; the worker was killed and is replaced") from error
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.close()
            raise WorkerDied(f"the worker ended with exit code {self.process.returncode}") from error

    def close(self) -> None:
        """End the process, wait for it and close what leads to it; safe to repeat."""
        self.process.kill()
        self.process.wait()
        self._replies.close()
        self._channel.close()
        if self.process.stdin is not None:
            self.process.stdin.close()


class _Slot(threading.Thread):
    """Takes jobs from the pool's queue, one at a time, for one worker that it starts when first needed."""

    def __init__(self, jobs: JobQueue) -> None:
        super().__init__(name="iea-reward-slot", daemon=True)
        self._jobs = jobs
        self.worker: _Worker | None = None
        self.start()

    def run(self) -> None:
        while (job := self._jobs.get(self)) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                value = self._answer(job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller waits for it
                self._jobs.done(self)
                job.future.set_exception(error)
            else:
                self._jobs.done(self)
                job.future.set_result(value)
        if self.worker is not None:
            self.worker.close()

    def _answer(self, job: Job) -> Any:
        message = pickle.dumps((job.function, job.arguments))
        try:
            return self._ask(message, job.deadline_s)
        except WorkerDied:  # for want of memory perhaps, or while it was idle: no fault of this call's yet
            return self._ask(message, job.deadline_s)

    def _ask(self, message: bytes, deadline_s: float) -> Any:
        if self.worker is None:
            self.worker = _Worker()
        try:
            return self.worker.ask(message, deadline_s)
        except (WorkerTimeout, WorkerDied):
            self.worker = None
            raise


class WorkerPool:
    """`procs` worker processes, each started by the first call that needs it.

    Calls wait in one queue; the deadline of a call runs from the moment an idle, started worker takes it, so
    neither queueing nor a worker's start is held against it. A worker that dies is replaced and its call made
    once more; a worker that hangs is killed and its call raises `WorkerTimeout`. Other calls are untouched.
    """

    def __init__(self, procs: int) -> None:
        if procs < 1:
            raise ValueError(
                f"procs must be at least 1, got {procs!r}; set cpu_procs to a number of processes"
            )
        self._jobs = JobQueue()
        self._slots = [_Slot(self._jobs) for _ in range(procs)]

    def pids(self) -> list[int]:
        """Process ids of the workers that run or were not yet found dead."""
        return [worker.process.pid for slot in self._slots if (worker := slot.worker) is not None]

    async def run(
        self, deadline_s: float, function: Callable[..., T], *arguments: object, holds: Hashable = None
    ) -> T:
        """`function(*arguments)` in a worker; the function must be importable, the rest picklable.

        `holds` names what the call leaves in its worker's memory: later calls with the same name go to that
        worker, unless it is busy and another is not.

        Raises
        ------
        ValueError : `deadline_s` is not a positive number of seconds
        WorkerTimeout : no answer within `deadline_s`, or no worker within `START_LIMIT_S`
        WorkerDied : two workers in a row ended during this call
        WorkerError : the function raised
        """
        if not 0 < deadline_s <= threading.TIMEOUT_MAX:
            raise ValueError(f"deadline_s must be a positive number of seconds, got {deadline_s!r}")
        job = Job(function, arguments, deadline_s, holds)
        self._jobs.put(job)
        return cast(T, await asyncio.wrap_future(job.future))

    def close(self) -> None:
        """Let the calls already queued finish, then end the workers."""
        self._jobs.close()
        for slot in self._slots:
            slot.join()


@functools.cache
def _pool_of(_pid: int, procs: int) -> WorkerPool:
    return WorkerPool(procs)


def shared_pool(procs: int) -> WorkerPool:
    """This process's pool of `procs` workers; a forked child gets its own, for threads do not survive a fork.

    It is never closed: its threads are daemons, and its workers end with this process.
    """
    return _pool_of(os.getpid(), procs)

"""Worker processes for the reward, with a timeout for each call; a worker that hangs or dies affects no other call.

A thread waits for a worker during a call, so the event loop stays free. A worker is a new interpreter: a fork would inherit
threads and perhaps CUDA, and multiprocessing's "spawn" imports the parent's `__main__` again, which in a Ray actor is Ray.
It imports this package, never verl or torch.
"""

import asyncio
import functools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import LifoQueue, SimpleQueue
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

START_LIMIT_S = 60.0  # interpreter and imports: 0.3 s on a quiet machine, much more from a cold network disk
HUNG_CALLS, HUNG_S = 2, 600.0  # after so many timeouts of calls with the same inputs, seconds without another one
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")


class WorkerTimeout(TimeoutError):
    """A call took longer than its timeout; its worker was killed."""


class WorkerDied(RuntimeError):
    """A worker's process ended before it answered."""


class WorkerError(RuntimeError):
    """A call raised in its worker: `kind` is the exception's type name, the text its traceback."""

    def __init__(self, kind: str, trace: str) -> None:
        super().__init__(trace)
        self.kind = kind


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        path = os.pathsep.join(filter(None, sys.path))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from {__name__} import serve; serve({theirs.fileno()})"],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
            )
        self.ask(pickle.dumps((int, ())), START_LIMIT_S)

    def ask(self, message: bytes, timeout_s: float) -> Any:
        """Return the value of one pickled call. After WorkerTimeout and WorkerDied the worker is closed."""
        end = time.monotonic() + timeout_s
        timer = threading.Timer(timeout_s, self._process.kill)  # ends a blocked write as well as a wait
        timer.start()
        try:
            self._pipe.send_bytes(message)
            value, raised = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self.close()
            if time.monotonic() >= end:
                raise WorkerTimeout(f"no answer in {timeout_s} s; the worker was killed") from error
            code = self._process.returncode
            raise WorkerDied(f"the worker ended with code {code}. If memory ran out, lower workers") from error
        finally:
            timer.cancel()
        if raised is not None:
            raise WorkerError(*raised)
        return value

    def close(self) -> None:
        """End the process and wait for it."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()


class WorkerPool:
    """`workers` processes, each started by the first call that needs it, and replaced if it hangs or dies."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"workers must be at least 1, got {workers!r}; set it to a number of processes")
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="iea-reward")
        self._idle: LifoQueue[_Worker | None] = LifoQueue()  # None: not started
        for _ in range(workers):
            self._idle.put(None)
        self._timeouts: dict[Hashable, list[float]] = {}  # times of those in a row, by the inputs of the calls

    async def run(
        self, timeout_s: float, function: Callable[..., T], *arguments: object, about: Hashable | None = None
    ) -> T:
        """Return `function(*arguments)`, computed in a worker. The function must be importable, the arguments picklable.

        `timeout_s` starts when a started worker takes the call: waiting for a worker or its start does not count.

        Parameters
        ----------
        about : the inputs that this call shares with others, such as the images of a group: after HUNG_CALLS timeouts in a
            row the others fail at once, so that images that hang do not cost a timeout for each answer

        Raises
        ------
        ValueError : `timeout_s` is not a positive number of seconds
        WorkerTimeout : no answer within `timeout_s`, to this call or one with the same `about`, or no worker within
            `START_LIMIT_S`
        WorkerDied : two workers in a row ended during this call
        WorkerError : the function raised, or its value cannot be pickled
        """
        if not 0 < timeout_s <= threading.TIMEOUT_MAX:
            raise ValueError(f"timeout_s must be a positive number of seconds, got {timeout_s!r}")
        message, loop = pickle.dumps((function, arguments)), asyncio.get_running_loop()
        value: T = await loop.run_in_executor(self._threads, self._answer, message, timeout_s, about)
        return value

    def _answer(self, message: bytes, timeout_s: float, about: Hashable | None, attempts: int = 2) -> Any:
        timeouts = self._timeouts.get(about, [])
        if len(timeouts) >= HUNG_CALLS and time.monotonic() < timeouts[-1] + HUNG_S:
            raise WorkerTimeout(
                f"{len(timeouts)} calls with {about} had no answer in time; not tried again for a while"
            )
        worker = self._idle.get()
        try:
            worker = worker or _Worker()
            value = worker.ask(message, timeout_s)
            self._timeouts.pop(about, None)
            return value
        except (WorkerTimeout, WorkerDied) as error:
            if isinstance(error, WorkerTimeout) and worker and about is not None:
                self._timeouts.setdefault(about, []).append(time.monotonic())
            worker = None
            if isinstance(error, WorkerTimeout) or attempts == 1:
                raise
        finally:
            self._idle.put(worker)
        # it died while idle, or because memory ran out: not necessarily because of this call
        return self._answer(message, timeout_s, about, attempts - 1)

    def close(self) -> None:
        """Finish the calls already queued, then end the workers."""
        self._threads.shutdown()
        while not self._idle.empty():
            if worker := self._idle.get():
                worker.close()


@functools.cache
def _pool_of(_pid: int, workers: int) -> WorkerPool:
    return WorkerPool(workers)


def shared_pool(workers: int) -> WorkerPool:
    """Return this process's pool of `workers`; a forked child gets its own, since threads do not survive a fork."""
    return _pool_of(os.getpid(), workers)


def serve(descriptor: int) -> NoReturn:
    """Answer the calls from a pipe until the parent closes it or ends; then end at once, even during a call.

    A call is a pickled `(function, arguments)`, a reply `(value, None)` or `(None, (exception's type name, traceback))`.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C; its exit ends this process
    pipe, calls = Connection(descriptor), SimpleQueue[bytes]()

    def receive() -> None:
        with suppress(EOFError, OSError):
            while True:
                calls.put(pipe.recv_bytes())
        os._exit(0)

    threading.Thread(target=receive, daemon=True).start()
    while True:
        try:
            function, arguments = pickle.loads(calls.get())
            reply = pickle.dumps((function(*arguments), None))
        except Exception as error:  # noqa: BLE001 - the caller handles it; the worker continues
            reply = pickle.dumps((None, (type(error).__name__, traceback.format_exc().strip())))
        pipe.send_bytes(reply)

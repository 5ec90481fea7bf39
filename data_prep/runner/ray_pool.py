"""Call one function with many arguments, on Ray: if a worker dies, its argument is given to another.

Ray is started for the call and ended with it, unless it already runs in this process.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

Common = TypeVar("Common")
Argument = TypeVar("Argument")
Result = TypeVar("Result")

RETRIES = 5  # of an argument whose worker died; after as many, the argument itself is the cause
STORE_BYTES = 128 * 2**20  # Ray would take 30 % of the memory for objects; ours are a few kilobytes
HEAD_CHECK_S = 10.0  # seconds without a result after which the head is checked


def as_completed(
    function: Callable[[Common, Argument], Result],
    common: Common,
    arguments: Sequence[Argument],
    *,
    workers: int,
    address: str | None,
) -> Iterator[Result]:
    """Yield function(common, argument) of every argument, in the order of completion.

    Parameters
    ----------
    function, common : picklable. The function is called once per argument, or again if its worker died
    arguments : each is sent with its task only, and no more are in progress than there are workers
    workers : calls in progress; 0 = one per CPU. A single one on this machine runs in this process
    address : of a Ray cluster; None = this machine

    Raises
    ------
    RuntimeError : the workers of an argument died repeatedly, or Ray was lost
    """
    local = min(workers or os.cpu_count() or 1, len(arguments))
    if not arguments or (address is None and local == 1):
        yield from (function(common, argument) for argument in arguments)
        return
    with _connected(local, address) as ray:
        task = ray.remote(max_retries=RETRIES)(_call)
        shared = ray.put((function, common))
        concurrency = workers or int(ray.cluster_resources()["CPU"])
        waiting = iter(arguments)
        running: dict[Any, Argument] = {}
        while True:
            for argument in islice(waiting, concurrency - len(running)):
                running[task.remote(shared, argument)] = argument
            if not running:
                return
            done, _ = ray.wait(list(running), timeout=HEAD_CHECK_S)
            if not done:
                _check_head(ray)
            for call in done:
                yield _result(ray, call, running.pop(call))


def _check_head(ray: Any) -> None:
    """Raise if the head is lost: Ray would wait a minute and then end the process without a Python error."""
    host, port = ray.get_runtime_context().gcs_address.rsplit(":", 1)
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=HEAD_CHECK_S).close()
    except OSError as error:
        raise RuntimeError(
            f"cannot reach the head of Ray at {host}:{port}: {error}. Start again; what is finished is kept"
        ) from error


def _result(ray: Any, call: Any, argument: object) -> Any:
    """Return the result of a call; lost workers and a lost Ray raise RuntimeError with the next step."""
    try:
        return ray.get(call)
    except ray.exceptions.RayTaskError as error:  # its own text is the worker's whole traceback
        raise error.cause from error
    except ray.exceptions.WorkerCrashedError as error:
        raise RuntimeError(
            f"cannot finish {argument}: {1 + RETRIES} workers died, by a crash or too little memory. Start again with "
            "one worker to find the item"
        ) from error
    except ray.exceptions.RayError as error:
        raise RuntimeError(
            f"cannot finish {argument}: Ray was lost ({type(error).__name__}). Start again; what is finished is kept"
        ) from error


def _call(shared: tuple[Callable[[Common, Argument], Result], Common], argument: Argument) -> Result:
    import cv2

    cv2.setNumThreads(1)  # there are as many workers as CPUs
    function, common = shared
    return function(common, argument)


@contextmanager
def _connected(cpus: int, address: str | None) -> Iterator[Any]:
    """Start or join Ray, and shut it down afterwards; a running Ray of this process is used and left running."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    if ray.is_initialized():
        yield ray
        return
    environment = {"OMP_NUM_THREADS": "1"}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    local = {"num_cpus": cpus, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    ray.init(
        address or "local",  # without it Ray would join any cluster that it finds on the machine
        runtime_env={"env_vars": environment},
        logging_level=logging.ERROR,
        log_to_driver=False,
        **({} if address else local),
    )
    try:
        yield ray
    finally:
        ray.shutdown()

"""One function over many arguments at once, on Ray: a dead worker's argument is given to another.

Ray is started for the call and ended with it, unless it runs in this process already.
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

RETRIES = 5  # of an argument whose worker died; one that dies every time is killed by what it does
STORE_BYTES = 128 * 2**20  # Ray would take 30 % of the memory for objects; ours are a few kilobytes
HEAD_CHECK_S = 10.0  # without any result after which to look whether the head is still there


def as_completed(
    function: Callable[[Common, Argument], Result],
    common: Common,
    arguments: Sequence[Argument],
    *,
    workers: int,
    address: str | None,
) -> Iterator[Result]:
    """Yield function(common, argument) of every argument, in the order in which they come to an end.

    Parameters
    ----------
    function, common : picklable. The function is called with an argument once, or again where its worker died
    arguments : each is sent with its task only, and no more are under way than there are workers
    workers : calls at once; 0 = one per CPU. One at a time on this machine is done in this process
    address : of a Ray cluster; None = this machine

    Raises
    ------
    RuntimeError : the workers of an argument died again and again, or Ray was lost
    """
    local = min(workers or os.cpu_count() or 1, len(arguments))
    if not arguments or (address is None and local == 1):
        yield from (function(common, argument) for argument in arguments)
        return
    with _connected(local, address) as ray:
        task = ray.remote(max_retries=RETRIES)(_call)
        shared = ray.put((function, common))
        at_once = workers or int(ray.cluster_resources()["CPU"])
        waiting = iter(arguments)
        running: dict[Any, Argument] = {}
        while True:
            for argument in islice(waiting, at_once - len(running)):
                running[task.remote(shared, argument)] = argument
            if not running:
                return
            done, _ = ray.wait(list(running), timeout=HEAD_CHECK_S)
            if not done:
                _check_head(ray)
            for call in done:
                yield _result(ray, call, running.pop(call))


def _check_head(ray: Any) -> None:
    """Ray itself waits a minute for a lost head and then ends the process, without a Python error."""
    host, port = ray.get_runtime_context().gcs_address.rsplit(":", 1)
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=HEAD_CHECK_S).close()
    except OSError as error:
        raise RuntimeError(
            f"the head of Ray must answer at {host}:{port}, got {error}; start again, what is finished is kept"
        ) from error


def _result(ray: Any, call: Any, argument: object) -> Any:
    """What a call came to; lost workers and a lost Ray as plain errors that say what to do."""
    try:
        return ray.get(call)
    except ray.exceptions.RayTaskError:  # the function's own error, of its own class too
        raise
    except ray.exceptions.WorkerCrashedError as error:
        raise RuntimeError(
            f"{argument} must not take its worker down, got {1 + RETRIES} dead workers; a crash or too little memory: "
            "find it with one worker"
        ) from error
    except ray.exceptions.RayError as error:
        raise RuntimeError(
            f"Ray must last as long as the run, got {type(error).__name__} at {argument}; start again, what is finished "
            "is kept"
        ) from error


def _call(shared: tuple[Callable[[Common, Argument], Result], Common], argument: Argument) -> Result:
    import cv2

    cv2.setNumThreads(1)  # there are as many workers as CPUs
    function, common = shared
    return function(common, argument)


@contextmanager
def _connected(cpus: int, address: str | None) -> Iterator[Any]:
    """Ray, started here or joined; left as it was found."""
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
        address or "local",  # without it Ray would join whatever cluster it finds on the machine
        runtime_env={"env_vars": environment},
        logging_level=logging.ERROR,
        log_to_driver=False,
        **({} if address else local),
    )
    try:
        yield ray
    finally:
        ray.shutdown()

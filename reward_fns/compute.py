"""The function that verl calls for every rollout."""

import logging
import time
from typing import Any

from iea.reward_fns.batch import shared_batcher
from iea.reward_fns.pool import WorkerError
from iea.reward_fns.score import DEFAULT_W, failed_score

DEADLINE_S = 20.0  # a 512 x 512 pair takes well under a second; only a fault takes this long

_log = logging.getLogger(__name__)
_causes_logged: set[str] = set()


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: dict[str, Any] | None = None,
    *,
    w: float = DEFAULT_W,
    deadline_s: float = DEADLINE_S,
    cpu_procs: int = 1,
    **kwargs: object,
) -> dict[str, float]:
    """Score one answer, off the event loop; never raises, except that a cancellation passes.

    Calls for one pair that wait at the same time are scored together, see `iea.reward_fns.batch`.

    Parameters
    ----------
    data_source, ground_truth : not used; verl passes them
    solution_str : the model's answer
    extra_info : absolute paths `original` and `reference`; the rest of the row is not used
    w : weight of likeness in [0, 1]
    deadline_s : seconds of work after which an answer counts as an error and its worker is replaced; also the limit of
        a batch, whose answers are scored one by one if it is passed
    cpu_procs : worker processes, of one thread each, for each process that calls this
    kwargs : what verl adds when a reward model is served; not used

    Returns
    -------
    the keys of `iea.reward_fns.score`; `error` is 1 where the inputs or the machine failed, never the answer.
    Each kind of error is logged once per process.
    """
    start = time.perf_counter()
    try:
        pair = _path(extra_info, "original"), _path(extra_info, "reference")
        return await shared_batcher(cpu_procs).score(pair, solution_str, w, deadline_s)
    except Exception as error:  # noqa: BLE001 - verl drops a rollout, or waits for ever, where a reward raises
        _log_once(error, data_source)
        return failed_score((time.perf_counter() - start) * 1e3)


def _path(extra_info: object, key: str) -> str:
    path = extra_info.get(key) if isinstance(extra_info, dict) else None
    if not isinstance(path, str):
        raise TypeError(
            f"extra_info[{key!r}] must be a picture's absolute path, got {path!r}; see iea.data_prep"
        )
    return path


def _log_once(error: Exception, data_source: str) -> None:
    cause = error.kind if isinstance(error, WorkerError) else type(error).__name__
    if cause in _causes_logged:
        return
    _causes_logged.add(cause)
    _log.error(
        "a row of %s gets error = 1 and score -1 (further ones by %s are not logged): %s",
        data_source,
        cause,
        error,
    )

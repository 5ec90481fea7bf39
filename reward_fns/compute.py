"""Score one rollout: the function that verl calls."""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from iea.reward_fns.result import Score, check_score, failed_score
from iea.reward_fns.tasks import Call, Settings, task_of
from iea.reward_fns.weights import read_weights
from iea.reward_fns.workers import WorkerError

TIMEOUT_S = 20.0  # a 512 x 512 pair takes well under a second

_log = logging.getLogger(__name__)
_causes_logged: set[str] = set()


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: dict[str, Any] | None = None,
    *,
    terms: Mapping[str, float] | None = None,
    w: float | None = None,
    timeout_s: float = TIMEOUT_S,
    workers: int = 1,
    judge: object = None,
    reward_router_address: str | None = None,
    **kwargs: object,
) -> Score:
    """Score one answer without blocking the event loop. Only a cancellation raises.

    Parameters
    ----------
    data_source : chooses the task, see `iea.reward_fns.tasks`
    solution_str : the model's answer; in a conversation all its turns, and then `answers` of `extra_info` are its answers
    ground_truth : not used; verl passes it
    extra_info : absolute paths `original`, `reference` and, to refine, `previous`; for a summary, the list `summaries` of
        right answers, the row's own first; of a conversation, the list `answers`: the last one is scored
    terms, w : weights of the reward's terms, see `iea.reward_fns.weights.read_weights`
    timeout_s : seconds of work after which an answer counts as an error and its worker is replaced
    workers : processes that score, of one thread each, for each process that calls this function
    judge : a mapping as in `iea.reward_fns.judge.JudgeSettings`, or a judge itself; needed for summaries only
    reward_router_address : host:port of the reward model that verl serves, if any
    kwargs : further arguments that verl adds; not used

    Returns
    -------
    the keys of `iea.reward_fns.result.RANGES`; `error` is 1 where the inputs or the machine failed, never the answer.
    Each kind of error is logged once per process.
    """
    start = time.perf_counter()
    try:
        settings = Settings(read_weights(terms, w), timeout_s, workers, judge, reward_router_address)
        task, call = task_of(data_source), Call(solution_str, extra_info)
        if not isinstance(answers := call.get("answers"), list):
            return check_score(await task.score(call, settings))
        score = check_score(await task.score(replace(call, text=answers[-1]), settings))
        first = await task.score(replace(call, text=answers[0]), settings) if len(answers) > 1 else score
        return score | {"first_score": first["score"]}
    except Exception as error:  # noqa: BLE001 - verl drops a rollout, or never returns, where a reward raises
        _log_once(error, data_source)
        return failed_score((time.perf_counter() - start) * 1e3)


def _log_once(error: Exception, data_source: str) -> None:
    cause = error.kind if isinstance(error, WorkerError) else type(error).__name__
    if cause in _causes_logged:
        return
    _causes_logged.add(cause)
    text = "a row of %s gets error = 1 and score -1 (further ones by %s are not logged): %s"
    _log.error(text, data_source, cause, error)

"""Asking the judge so that nothing it does can hold up or mislead the training.

| the judge | what happens | the answer |
|---|---|---|
| answers one of the 21 integers | - | scored |
| cannot be reached, cuts off, says 5xx, 408, 425 or 429 | asked again, see below | scored, or fallback |
| takes longer than half the deadline | asked once more | scored, or fallback |
| says another 4xx: unknown model, bad key | - | fallback |
| answers 200 with prose, HTML, NaN, another number, nothing | not asked again: the same question has the same answer | fallback |
| failed 8 answers in a row | nobody asks for 30 s, then one does | fallback at once |

Retries wait a random time up to a bound that doubles, and at least as long as `Retry-After` asks; one that could not
start before the deadline is not waited for.
"""

import asyncio
import logging
from typing import Protocol

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from iea.reward_fns.judge.actor import ActorJudge
from iea.reward_fns.judge.breaker import Breaker
from iea.reward_fns.judge.failures import AgainError, JudgeError
from iea.reward_fns.judge.http import HttpJudge
from iea.reward_fns.judge.settings import JudgeSettings
from iea.reward_fns.per_loop import PerLoop

LONGEST_BACKOFF_S = 8.0

_log = logging.getLogger(__name__)


class Backend(Protocol):
    """What asks once."""

    async def ask(self, reference: str, prediction: str) -> float:
        """A score in [-10, 10]. Raises AgainError, JudgeError."""


class Judge:
    """One judge, asked from one event loop."""

    def __init__(self, settings: JudgeSettings, breaker: Breaker | None = None) -> None:
        self._settings = settings
        self._backend: Backend = ActorJudge(settings) if settings.backend == "actor" else HttpJudge(settings)
        self._breaker = breaker or Breaker()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._told: set[str] = set()

    async def score(self, reference: str, prediction: str) -> float:
        """How well `prediction` says what `reference` means, in [-10, 10].

        Raises
        ------
        JudgeError : it was not to be had in time. The first of each kind is logged.
        """
        async with self._slots:
            if not self._breaker.lets_through():
                raise JudgeError("the judge failed again and again and is left alone for a while")
            try:
                score = await self._within_deadline(reference, prediction)
            except JudgeError as error:
                self._breaker.failed()
                self._tell(error)
                raise
            self._breaker.succeeded()
            return score

    async def _within_deadline(self, reference: str, prediction: str) -> float:
        settings = self._settings
        backoff = wait_random_exponential(multiplier=settings.backoff_s, max=LONGEST_BACKOFF_S)
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(settings.retries + 1) | stop_before_delay(settings.deadline_s),
            wait=lambda state: max(backoff(state), _asked_wait(state)),
            reraise=True,
        )
        try:
            return await asyncio.wait_for(retrying(self._once, reference, prediction), settings.deadline_s)
        except asyncio.TimeoutError as error:
            raise JudgeError(f"no answer within {settings.deadline_s} s") from error

    async def _once(self, reference: str, prediction: str) -> float:
        share = self._settings.deadline_s / (2 if self._settings.retries else 1)
        try:
            return await asyncio.wait_for(self._backend.ask(reference, prediction), share)
        except asyncio.TimeoutError as error:
            raise AgainError(f"no answer within {share} s") from error

    def _tell(self, error: JudgeError) -> None:
        kind = str(error)[:24]  # the rest may quote an answer
        if kind not in self._told:
            self._told.add(kind)
            _log.warning(
                "no score from the judge, so its answers count as fallback (more like this are not logged): %s",
                error,
            )


def _asked_wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return error.after_s if isinstance(error, AgainError) else 0.0


_JUDGES: PerLoop[JudgeSettings, Judge] = PerLoop(Judge)


def shared_judge(settings: JudgeSettings) -> Judge:
    """The running loop's judge."""
    return _JUDGES.get(settings)

"""Calls of an unreliable service, with limits on their number, their time and their repetition."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiolimiter import AsyncLimiter
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from iea.reward_fns.chat.breaker import Breaker
from iea.reward_fns.chat.errors import EndpointUnusableError, RequestRejectedError, RetryableError
from iea.reward_fns.chat.settings import ChatSettings

T = TypeVar("T")


class Caller:
    """Calls a service as `settings` allow. Belongs to one event loop.

    The time spent waiting for one of the `concurrency` slots does not count towards `timeout_s`.
    """

    def __init__(self, settings: ChatSettings, breaker: Breaker | None = None) -> None:
        self._settings = settings
        self._breaker = breaker or Breaker()
        self._slots = asyncio.Semaphore(settings.concurrency)
        rate = settings.requests_per_minute
        self._rate = AsyncLimiter(1, 60 / rate) if rate else None  # bursts would double the first minute
        half = (settings.timeout_s or math.inf) / (2 if settings.attempts > 1 else 1)
        self._attempt_s = min(settings.attempt_timeout_s, half)

    async def call(self, once: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `once`, which is awaited again as long as it raises RetryableError.

        Raises
        ------
        RetryableError : no attempt succeeded, or none in time
        RequestRejectedError : `once` raised it
        EndpointUnusableError : `once` raised it, now or recently, or many calls in a row failed; see Breaker
        """
        async with self._slots:
            self._breaker.check()
            try:
                result = await self._retry(once)
            except RequestRejectedError:
                self._breaker.succeeded()  # a rejection is an answer: the endpoint works
                raise
            except (RetryableError, EndpointUnusableError) as error:
                self._breaker.failed(error)
                raise
            self._breaker.succeeded()
            return result

    async def _retry(self, once: Callable[[], Awaitable[T]]) -> T:
        timeout_s = self._settings.timeout_s
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop_after_attempt(self._settings.attempts) | stop_before_delay(timeout_s or math.inf),
            wait=self.wait_s,
            reraise=True,
        )
        try:
            return await asyncio.wait_for(retrying(self._attempt, once), timeout_s)
        except asyncio.TimeoutError:
            raise RetryableError("timeout", f"no answer within {timeout_s} s; raise timeout_s") from None

    async def _attempt(self, once: Callable[[], Awaitable[T]]) -> T:
        if self._rate:
            await self._rate.acquire()
        try:
            return await asyncio.wait_for(once(), self._attempt_s)
        except asyncio.TimeoutError:
            raise RetryableError("timeout", f"no answer within {self._attempt_s} s of an attempt") from None

    def wait_s(self, state: RetryCallState) -> float:
        """Return the seconds before the next attempt: the server's `Retry-After` plus a backoff with full jitter.

        Full jitter: an even draw from 0 to a bound that doubles, so that requests that failed together do not come back
        together.
        """
        error = state.outcome.exception() if state.outcome else None
        demanded = error.retry_after_s if isinstance(error, RetryableError) else 0.0
        backoff = wait_random_exponential(self._settings.backoff_s, self._settings.max_backoff_s)
        return demanded + backoff(state)

"""Calls of an unreliable service, with limits on their number, their time and their repetition."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from aiolimiter import AsyncLimiter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity import wait_random_exponential as full_jitter

from iea.reward_fns.chat.errors import ChatError, EndpointUnusableError, RequestRejectedError, RetryableError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    """Address and limits of an endpoint.

    url : address of the API, such as http://localhost:8000/v1
    model : name of the model at the endpoint
    key_env : environment variable with the API key; "" sends none
    timeout_s : seconds for a completion, with all attempts and the waits between them; default: no limit
    attempt_timeout_s : seconds for one attempt, from sending to the last byte. With several attempts, half of timeout_s
        at most, so that a lost request is sent once more
    attempts : times that a request is sent at most, the first included
    backoff_s : longest wait before the second attempt; doubled for each later one, and drawn evenly from 0 to it
    max_backoff_s : longest wait before any attempt, unless the server demands a longer one
    concurrency : requests in flight
    requests_per_minute : limit, spread evenly, every attempt counted; default: no limit
    """

    url: str = ""
    model: str = ""
    key_env: str = ""
    timeout_s: float | None = None
    attempt_timeout_s: float = 120.0
    attempts: int = 6
    backoff_s: float = 1.0
    max_backoff_s: float = 60.0
    concurrency: int = 8
    requests_per_minute: float | None = None

    def __post_init__(self) -> None:
        for name in ("url", "model", "key_env"):
            if type(getattr(self, name)) is not str:
                raise ValueError(f"{name} must be a text, got {getattr(self, name)!r}")
        if self.url and not _is_address(self.url):
            shown = self.url.rpartition("@")[2].partition("?")[0]  # either may hold a password
            rule = "an address such as http://HOST:PORT/v1, without spaces, a password or a part after ? or #"
            raise ValueError(f"url must be {rule}, got {shown!r}")
        for name in ("timeout_s", "attempt_timeout_s", "requests_per_minute"):
            value = getattr(self, name)
            optional = value is None and name != "attempt_timeout_s"
            if not optional and not (type(value) in (int, float) and 0 < value < math.inf):  # not bool
                raise ValueError(f"{name} must be above 0, and finite, got {value!r}")
        for name, least in (("attempts", 1), ("concurrency", 1), ("backoff_s", 0), ("max_backoff_s", 0)):
            value = getattr(self, name)
            if not (type(value) in ((int,) if least else (int, float)) and least <= value < math.inf):
                raise ValueError(f"{name} must be at least {least}, got {value!r}")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        plain = url.isprintable() and not set(url) & set(" ?#\\") and "@" not in parts.netloc
        return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class Breaker:
    """A circuit breaker: opens after `failures` in a row, or at once when the endpoint is unusable.

    Rejections count until the first success, since a wrong key rejects all; then each is its request's own.

    While it is open, one call per `pause_s` seconds passes and shows whether the endpoint has recovered; math.inf stops all
    calls for good. The passing call holds nothing, so its cancellation costs no more than the pause.
    """

    def __init__(self, failures: int = 10, pause_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause_s, self._clock = failures, pause_s, clock
        self._failures, self._next_try = 0, 0.0
        self._answered = False
        self._cause: EndpointUnusableError | None = None

    def check(self) -> None:
        """Raise the EndpointUnusableError that opened the breaker, unless a call may pass now."""
        if self._cause is not None:
            if self._clock() < self._next_try:
                raise EndpointUnusableError(self._cause.reason, self._cause.text)
            self._next_try = self._clock() + self._pause_s

    def succeeded(self) -> None:
        """Count a call that the endpoint answered: close."""
        self._failures, self._cause, self._answered = 0, None, True

    def failed(self, error: ChatError) -> None:
        """Count a call that failed, and open if it is one too many."""
        if self._answered and isinstance(error, RequestRejectedError):
            return
        self._failures += 1
        if not isinstance(error, EndpointUnusableError):
            if self._failures < self._limit:
                return
            text = f"{self._failures} requests in a row failed, the last: {error}"
            error = EndpointUnusableError("endpoint_down", text)
        if self._cause is None:
            self._next_try = self._clock() + self._pause_s
        self._cause = error


class Caller:
    """Calls a service as `settings` allow. Belongs to one event loop.

    The time spent waiting for one of the `concurrency` slots does not count towards `timeout_s`.
    """

    def __init__(self, settings: ChatSettings, breaker: Breaker | None = None) -> None:
        self._settings, self._breaker = settings, breaker or Breaker()
        self._slots, rate = asyncio.Semaphore(settings.concurrency), settings.requests_per_minute
        self._rate = AsyncLimiter(1, 60 / rate) if rate else nullcontext()  # bursts would double the first minute
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

        async def attempt() -> T:
            async with self._rate:
                return await _within(self._attempt_s, once())

        limit_s = self._settings.timeout_s
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop_after_attempt(self._settings.attempts) | stop_before_delay(limit_s or math.inf),
            wait=self.wait_s,
            reraise=True,
        )
        async with self._slots:
            self._breaker.check()
            try:
                result: T = await _within(limit_s, retrying(attempt))
            except ChatError as error:
                self._breaker.failed(error)
                raise
            self._breaker.succeeded()
            return result

    def wait_s(self, state: RetryCallState) -> float:
        """Return the seconds before the next attempt: the server's `Retry-After` plus a backoff with full jitter, so that
        requests that failed together return at different times.
        """
        error = state.outcome.exception() if state.outcome else None
        demanded = error.retry_after_s if isinstance(error, RetryableError) else 0.0
        return demanded + full_jitter(self._settings.backoff_s, self._settings.max_backoff_s)(state)


async def _within(seconds: float | None, work: Awaitable[T]) -> T:
    try:
        return await asyncio.wait_for(work, seconds)
    except asyncio.TimeoutError:
        raise RetryableError("timeout", f"no answer within {seconds} s; raise the timeouts") from None

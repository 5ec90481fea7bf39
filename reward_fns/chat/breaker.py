"""A circuit breaker: an endpoint that is down gets one request per pause instead of all of them."""

import time
from collections.abc import Callable

from iea.reward_fns.chat.errors import ChatError, EndpointUnusableError


class Breaker:
    """Opens after `failures` in a row, or at once when the endpoint is unusable.

    While it is open, one call per `pause_s` seconds passes and shows whether the endpoint has recovered; math.inf stops
    all calls for good. The passing call holds nothing, so its cancellation costs no more than the pause.
    """

    def __init__(self, failures: int = 10, pause_s: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause_s, self._clock = failures, pause_s, clock
        self._failures = 0
        self._cause: EndpointUnusableError | None = None
        self._next_try = 0.0

    def check(self) -> None:
        """Raise the EndpointUnusableError that opened the breaker, unless a call may pass now."""
        if self._cause is None:
            return
        if self._clock() < self._next_try:
            raise EndpointUnusableError(self._cause.reason, self._cause.text)
        self._next_try = self._clock() + self._pause_s

    def succeeded(self) -> None:
        """Count a call that the endpoint answered: close."""
        self._failures, self._cause = 0, None

    def failed(self, error: ChatError) -> None:
        """Count a call that failed, and open if it is one too many."""
        self._failures += 1
        if isinstance(error, EndpointUnusableError):
            cause = error
        elif self._failures >= self._limit:
            cause = EndpointUnusableError(
                "endpoint_down", f"{self._failures} requests in a row failed, the last: {error}"
            )
        else:
            return
        if self._cause is None:
            self._next_try = self._clock() + self._pause_s
        self._cause = cause

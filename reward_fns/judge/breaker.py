"""A circuit breaker: a judge that is down is not waited for again and again."""

import time
from collections.abc import Callable


class Breaker:
    """Opens after `limit` failures in a row; then lets one call through every `pause_s` seconds to see whether it closes.

    Nothing is held by the call that is let through: one that is cancelled costs nothing but the pause.
    """

    def __init__(
        self, limit: int = 8, pause_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._pause_s, self._clock = limit, pause_s, clock
        self._failures = 0
        self._next_try = 0.0

    def lets_through(self) -> bool:
        """Whether a call may be made now."""
        if self._failures < self._limit:
            return True
        now = self._clock()
        if now < self._next_try:
            return False
        self._next_try = now + self._pause_s
        return True

    def succeeded(self) -> None:
        """A call was answered: all is well."""
        self._failures = 0

    def failed(self) -> None:
        """A call was not answered."""
        self._failures += 1
        if self._failures == self._limit:
            self._next_try = self._clock() + self._pause_s

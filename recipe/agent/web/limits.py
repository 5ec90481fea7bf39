"""Bound the load: a rate for each client, and a queue that refuses instead of growing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cachetools import TTLCache

from iea.recipe.agent.web.settings import RefusedError

CLIENTS = 100_000
WINDOW_S = 60.0


class Rate:
    """A number of actions in a minute, for each client."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._counts: TTLCache[str, list[int]] = TTLCache(CLIENTS, WINDOW_S)

    def count(self, client: str) -> None:
        """Count an action. Raises RefusedError for one too many."""
        counted = self._counts.setdefault(client, [0])  # the minute begins with the first action
        counted[0] += 1
        if counted[0] > self.most:
            raise RefusedError(429, "too_many")


class Gate:
    """Places for actions that run, and a bounded number of actions that wait for one."""

    def __init__(self, places: int, waiting: int) -> None:
        self.most, self.inside = places + waiting, 0
        self._places = asyncio.Semaphore(places)

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for a place. Raises RefusedError if too many wait already."""
        if self.inside >= self.most:
            raise RefusedError(503, "busy")
        self.inside += 1
        try:
            async with self._places:
                yield
        finally:
            self.inside -= 1

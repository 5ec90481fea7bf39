"""Things that belong to an event loop, made when first asked for."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class PerLoop(Generic[K, V]):
    """One value for each key and running loop. A forked child runs loops of its own, so it gets its own values."""

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[K, V]] = WeakKeyDictionary()

    def get(self, key: K) -> V:
        """The running loop's value for `key`."""
        values = self._values.setdefault(asyncio.get_running_loop(), {})
        if key not in values:
            values[key] = self._make(key)
        return values[key]

"""Calls that wait for a worker, and which worker they are for."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

HOLDERS_KEPT = 4096  # names of what workers have in memory; far more than their caches hold


@dataclass(frozen=True, eq=False)
class Job:
    """A call that waits for a worker."""

    function: Callable[..., Any]
    arguments: tuple[object, ...]
    deadline_s: float
    holds: Hashable
    future: "Future[Any]" = field(default_factory=Future)


class JobQueue:
    """Waiting jobs, and which slot's worker had each thing that jobs hold: it has it in memory still."""

    def __init__(self) -> None:
        self._waiting: list[Job] = []
        self._idle: set[object] = set()
        self._holders: OrderedDict[Hashable, object] = OrderedDict()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, job: Job) -> None:
        with self._changed:
            self._waiting.append(job)
            self._changed.notify_all()

    def close(self) -> None:
        """Let `get` end once nothing waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def done(self, slot: object) -> None:
        """Count a slot as idle again, before its caller hears the result and asks for more of the same."""
        with self._changed:
            self._idle.add(slot)

    def get(self, slot: object) -> Job | None:
        """The next job for a slot, or None after the last one."""
        with self._changed:
            self._idle.add(slot)
            while (job := self._pick(slot)) is None:
                if self._closed and not self._waiting:
                    return None
                self._changed.wait()
            self._idle.remove(slot)
            self._waiting.remove(job)
            if job.holds is not None:
                self._holders[job.holds] = slot
                self._holders.move_to_end(job.holds)
                if len(self._holders) > HOLDERS_KEPT:
                    self._holders.popitem(last=False)
            self._changed.notify_all()  # this slot is busy now: others may take what it holds
            return job

    def _pick(self, slot: object) -> Job | None:
        """The oldest job of this slot or of nobody, else the oldest whose holder is busy: to wait would cost more."""
        for job in self._waiting:
            if self._holders.get(job.holds, slot) is slot:
                return job
        return next((job for job in self._waiting if self._holders[job.holds] not in self._idle), None)

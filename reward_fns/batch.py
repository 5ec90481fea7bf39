"""Concurrent calls for the same pictures, scored together.

verl asks for one rollout at a time, and all rollouts of a prompt share their pair. Those that reach the same process
(our recipes have one reward actor) and are scored together share the decoding, the curves' look-ups and the planes of
the layers (`iea.editor.leave_one_outs`). A call whose pair nobody works on starts at once; calls that come while it is
worked on wait and form the next batch. Nothing waits for a timer, and a lone call loses nothing.
"""

import asyncio
from typing import TypeAlias

from iea.reward_fns.per_loop import PerLoop
from iea.reward_fns.pool import WorkerPool, shared_pool
from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.weights import Weights

Paths: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""Of the original, the reference and, where there is one, the previous result."""
_Key: TypeAlias = tuple[Paths, Weights, float]
_Call: TypeAlias = tuple[str, "asyncio.Future[Score]"]


class Batcher:
    """Scores answers on a pool, those of a pair together. Belongs to one event loop."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._waiting: dict[_Key, list[_Call]] = {}
        self._serving: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive

    async def score(self, paths: Paths, text: str, weights: Weights, deadline_s: float) -> Score:
        """The score of one answer. Raises what `WorkerPool.run` raises for it alone."""
        key = paths, weights, deadline_s
        call: _Call = text, asyncio.get_running_loop().create_future()
        if key in self._waiting:
            self._waiting[key].append(call)
        else:
            self._waiting[key] = [call]
            task = asyncio.create_task(self._serve(key))  # runs after the calls made in this turn of the loop
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        return await call[1]

    async def _serve(self, key: _Key) -> None:
        """Score batch after batch until nobody waits for these pictures."""
        batch: list[_Call] = []
        try:
            while batch := [call for call in self._waiting[key] if not call[1].done()]:
                self._waiting[key] = []
                await self._answer(key, batch)
        finally:  # cancelled: nobody must wait for ever, nor find these pictures still being served
            for _, future in [*batch, *self._waiting.pop(key)]:
                future.cancel()

    async def _answer(self, key: _Key, batch: list[_Call]) -> None:
        try:
            scores = await self._run(key, [text for text, _ in batch])
        except Exception as error:  # noqa: BLE001 - one answer, or its luck, must not cost the others theirs
            if len(batch) == 1:
                _settle(batch[0], error)
            else:
                await asyncio.gather(*(self._serve_alone(key, call) for call in batch))
        else:
            for call, score in zip(batch, scores, strict=True):
                _settle(call, score)

    async def _serve_alone(self, key: _Key, call: _Call) -> None:
        try:
            _settle(call, (await self._run(key, [call[0]]))[0])
        except Exception as error:  # noqa: BLE001 - the caller's to judge
            _settle(call, error)

    async def _run(self, key: _Key, texts: list[str]) -> list[Score]:
        paths, weights, deadline_s = key
        original, reference, *previous = paths
        return await self._pool.run(
            deadline_s, score_files, original, reference, texts, weights, *previous, holds=paths
        )


def _settle(call: _Call, outcome: Score | Exception) -> None:
    """Answer a caller who may have been cancelled meanwhile."""
    if call[1].done():
        return
    if isinstance(outcome, Exception):
        call[1].set_exception(outcome)
    else:
        call[1].set_result(outcome)


_BATCHERS: PerLoop[int, Batcher] = PerLoop(lambda procs: Batcher(shared_pool(procs)))


def shared_batcher(procs: int) -> Batcher:
    """The running loop's batcher on this process's shared pool of `procs` workers."""
    return _BATCHERS.get(procs)

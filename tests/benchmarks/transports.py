"""Ways to bring an answer to the reward, compared in one interleaved run of throughput.py's calls.

python tests/benchmarks/transports.py --rounds 9
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pebble
import psutil
import typer
from throughput import PAIRS, PROCESSES, ROLLOUTS, Call, calls

from iea.reward_fns.batch import shared_batcher
from iea.reward_fns.pool import shared_pool as old_pool
from iea.reward_fns.score import score_files
from iea.reward_fns.workers import WorkerPool

Scorer = Callable[[str, dict[str, str]], Awaitable[Any]]
SPAWN = multiprocessing.get_context("spawn")
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")


def job(answer: str, pair: dict[str, str]) -> tuple[Any, ...]:
    return score_files, pair["original"], pair["reference"], [answer], 0.7


def leave_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def leave() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=leave, daemon=True).start()


def actor(pipe: Any) -> None:
    """One of verl's reward actors with a plain function: an event loop and its default threads."""
    leave_with_parent()

    async def serve(every: list[Call]) -> int:
        loop = asyncio.get_running_loop()
        scores = await asyncio.gather(*(loop.run_in_executor(None, *job(*call)) for call in every))
        return sum(score[0]["error"] for score in scores)

    while True:
        pipe.send(asyncio.run(serve(pipe.recv())))


class Actors:
    """PROCESSES reward actors; each rollout goes to a random one, as in verl. Ray's own cost is left out."""

    def __init__(self) -> None:
        pipes = [SPAWN.Pipe() for _ in range(PROCESSES)]
        self.pipes = [ours for ours, _ in pipes]
        for _, theirs in pipes:
            SPAWN.Process(target=actor, args=(theirs,), daemon=True).start()

    def score(self, every: list[Call]) -> float:
        drawn = [random.choice(self.pipes) for _ in every]
        start = time.perf_counter()
        for pipe in self.pipes:
            pipe.send([call for call, its in zip(every, drawn, strict=True) if its is pipe])
        assert not any(pipe.recv() for pipe in self.pipes)
        return time.perf_counter() - start


def timed(scorer: Scorer, every: list[Call]) -> float:
    async def main() -> float:
        start = time.perf_counter()
        await asyncio.gather(*(scorer(*call) for call in every))
        return time.perf_counter() - start

    return asyncio.run(main())


def sides() -> dict[str, Callable[[list[Call]], float]]:
    os.environ.update(ONE_THREAD)
    mine = WorkerPool(PROCESSES)
    pebbles = pebble.ProcessPool(PROCESSES, initializer=leave_with_parent, context=SPAWN)
    futures = ProcessPoolExecutor(PROCESSES, mp_context=SPAWN)
    actors = Actors()

    async def grouped(answer: str, pair: dict[str, str]) -> Any:
        return await shared_batcher(PROCESSES).score((pair["original"], pair["reference"]), answer, 0.7, 20.0)

    async def alone(answer: str, pair: dict[str, str]) -> Any:
        return await old_pool(PROCESSES).run(20.0, *job(answer, pair))

    async def held(answer: str, pair: dict[str, str]) -> Any:
        return await old_pool(PROCESSES).run(20.0, *job(answer, pair), holds=pair["original"])

    async def by_pebble(answer: str, pair: dict[str, str]) -> Any:
        function, *arguments = job(answer, pair)
        return await asyncio.wrap_future(pebbles.schedule(function, arguments, timeout=20.0))

    async def by_futures(answer: str, pair: dict[str, str]) -> Any:
        return await asyncio.wrap_future(futures.submit(*job(answer, pair)))

    async def by_mine(answer: str, pair: dict[str, str]) -> Any:
        return await mine.run(20.0, *job(answer, pair))

    def over(scorer: Scorer) -> Callable[[list[Call]], float]:
        return lambda every: timed(scorer, every)

    return {
        "today: batches, affinity": over(grouped),
        "today without batches": over(held),
        "today without batches and affinity": over(alone),
        "verl's num_workers, threads": actors.score,
        "pebble": over(by_pebble),
        "concurrent.futures": over(by_futures),
        "thread and process": over(by_mine),
    }


def renewed(made: list[Call], folder: Path, turn: int) -> list[Call]:
    """The same calls on copies of their files, which no worker has decoded."""
    copies = folder / str(turn)
    shutil.copytree(folder / "made", copies)
    return [
        (answer, {key: str(copies / Path(name).name) for key, name in pair.items()}) for answer, pair in made
    ]


def cpu_s() -> float:
    """Processor seconds of this process and all below it."""
    us = psutil.Process()
    times = [process.cpu_times() for process in [us, *us.children(recursive=True)]]
    return sum(time_.user + time_.system for time_ in times)


def main(rounds: int = 9) -> None:
    every_side = sides()
    names = list(every_side)
    rates: dict[str, list[float]] = {name: [] for name in names}
    costs: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "made").mkdir()
        made = calls(0, Path(folder) / "made")
        for name in names:  # starts the workers
            every_side[name](made[:16])
        for round_ in range(rounds):
            for turn in range(len(names)):
                name = names[(turn + round_) % len(names)]
                every = renewed(made, Path(folder), round_ * len(names) + turn)
                before = cpu_s()
                rates[name].append(len(every) / every_side[name](every))
                costs[name].append(1000 * (cpu_s() - before) / len(every))
                print(round_, name, rates[name][-1], costs[name][-1], flush=True)
    print(
        f"{PAIRS} x {ROLLOUTS} calls on {PROCESSES} processes, {rounds} rounds, medians (lowest to highest)"
    )
    for name in names:
        line = f"{name:36s}"
        for unit, figures in (("answers/s", rates), ("CPU ms", costs)):
            own = figures[name]
            ratio = median(a / b for a, b in zip(own, figures[names[0]], strict=True))
            line += f"{median(own):7.1f} ({min(own):.1f} to {max(own):.1f}) {unit}, x {ratio:.2f};"
        print(line, flush=True)
    os._exit(0)


if __name__ == "__main__":
    typer.run(main)

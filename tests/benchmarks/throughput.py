"""Answers a second through `compute_score`, called as verl calls it: many rollouts at once, a pool of two processes.

Wall-clock, for it is about processes and an event loop; everything else in the benchmark is CPU time.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import cases
import photographs

from iea.editor.io import write_image
from iea.recipe.evaluation.logs import reward_cost
from iea.reward_fns import compute_score
from iea.reward_fns.pool import shared_pool
from iea.reward_fns.score import score_files

PAIRS, ROLLOUTS, PROCESSES = 8, 16, 2
Call = tuple[str, dict[str, str]]


def calls(round_: int, folder: Path) -> list[Call]:
    """ROLLOUTS answers of five tools each to every one of PAIRS pairs, whose files are new to the workers."""
    every = []
    for number in range(PAIRS):
        names = {key: str(folder / f"{round_}-{number}-{key}.png") for key in ("original", "reference")}
        for name, image in zip(
            names.values(), photographs.pair(number, cases.SIDE, cases.RETOUCH), strict=True
        ):
            write_image(name, image)
        drawn = cases.programs(PAIRS * (round_ + 1) + number, list(cases.TOOLS), 5, ROLLOUTS)
        every += [(json.dumps(edits), names) for edits in drawn]
    return every


async def _timed(every: list[Call], *, together: bool) -> float:
    """Seconds until all calls, made at once, are answered; unless `together`, each is a job of its own."""

    async def alone(answer: str, pair: dict[str, str]) -> dict[str, float]:
        files = pair["original"], pair["reference"]
        return (await shared_pool(PROCESSES).run(20.0, score_files, *files, [answer], 0.7))[0]

    async def grouped(answer: str, pair: dict[str, str]) -> dict[str, float]:
        return await compute_score("iea/edit", answer, "", pair, cpu_procs=PROCESSES)

    start = time.perf_counter()
    scores = await asyncio.gather(*((grouped if together else alone)(*call) for call in every))
    seconds = time.perf_counter() - start
    assert not any(score["error"] for score in scores)
    return seconds


def line(rounds: int) -> str:
    """One line of markdown: answers a second, grouped by pair and not, each on files not yet decoded."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_timed(calls(-1, Path(folder)), together=False))  # starts the workers
        for round_ in range(rounds):
            for together, measured in rates.items():
                every = calls(2 * round_ + together, Path(folder))
                measured.append(len(every) / asyncio.run(_timed(every, together=together)))
    ratio = median(a / b for a, b in zip(*rates.values(), strict=True))
    grouped, alone = (median(values) for values in rates.values())
    return (
        f"`compute_score`, 5 of all 16 tools, {cases.SIDE} px, {PAIRS} x {ROLLOUTS} calls at once on {PROCESSES} "
        f"processes (wall-clock, decoding included): {grouped:.0f} answers a second with the calls of a pair "
        f"scored together, {alone:.0f} with each call a job of its own; ratio {ratio:.1f}. Medians of {rounds} rounds."
    )


def share_line(runs: list[Path]) -> str:
    """One line of markdown: what part of a GRPO step rewards take, from the logs of finished demonstrations."""
    costs = {
        f"{run.name} {logs.name.removeprefix('grpo_')}": reward_cost(logs)
        for run in runs
        for logs in sorted((run / "logs").glob("grpo_*/"))
    }
    if not costs:
        return "Rewards' share of a GRPO step: no finished demonstration was found; run examples/demo.sh, or name one with --grpo."
    each = ", ".join(f"{name} {ms:.1f} ms, {100 * share:.1f} %" for name, (ms, share) in costs.items())
    return (
        "Rewards in the GRPO steps of the demonstration, milliseconds an answer and share of a step if nothing else ran "
        f"meanwhile: {each}."
    )

"""Measure the answers per second of `compute_score`, called as in verl: many rollouts at once, a pool of two processes.

These figures are wall-clock time, because they depend on processes and an event loop; all others are CPU time.
"""

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
from iea.reward_fns.score import score_files

PAIRS, ROLLOUTS, PROCESSES = 8, 16, 2
Call = tuple[str, dict[str, str]]


def calls(round_: int, folder: Path) -> list[Call]:
    """Make ROLLOUTS answers of five tools for each of PAIRS pairs, with new files."""
    every = []
    for number in range(PAIRS):
        names = {key: str(folder / f"{round_}-{number}-{key}.png") for key in ("original", "reference")}
        for name, image in zip(names.values(), photographs.pair(number, cases.SIDE, cases.RETOUCH), strict=True):
            write_image(name, image)
        drawn = cases.programs(PAIRS * (round_ + 1) + number, list(cases.TOOLS), 5, ROLLOUTS)
        every += [(json.dumps(edits), names) for edits in drawn]
    return every


async def _pooled(every: list[Call]) -> list[dict[str, float]]:
    """Score all calls at once."""
    answers = (compute_score("iea/edit", answer, "", pair, workers=PROCESSES) for answer, pair in every)
    return await asyncio.gather(*answers)


def _in_process(every: list[Call]) -> list[dict[str, float]]:
    """Score all calls, one after another in this process."""
    return [score_files(pair["original"], pair["reference"], answer) for answer, pair in every]


def _rate(every: list[Call], *, pooled: bool) -> float:
    """Measure answers per second."""
    start = time.perf_counter()
    scores = asyncio.run(_pooled(every)) if pooled else _in_process(every)
    seconds = time.perf_counter() - start
    assert not any(score["error"] for score in scores)
    return len(every) / seconds


def line(rounds: int) -> str:
    """Return one line of markdown: answers per second with the pool and without, on files that are not decoded yet."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        for pooled in rates:
            _rate(calls(-1, Path(folder)), pooled=pooled)  # warm-up: workers and tables
        for round_ in range(rounds):
            for pooled, measured in rates.items():
                measured.append(_rate(calls(2 * round_ + pooled, Path(folder)), pooled=pooled))
    ratio = median(a / b for a, b in zip(*rates.values(), strict=True))
    with_pool, without = (median(values) for values in rates.values())
    return (
        f"`compute_score`, 5 of all 16 tools, {cases.SIDE} px, {PAIRS} x {ROLLOUTS} calls at once on {PROCESSES} "
        f"processes (wall-clock, decoding included): {with_pool:.0f} answers per second, {without:.0f} one after another "
        f"in one process without transport; ratio {ratio:.1f}. Medians of {rounds} rounds."
    )


def share_line(runs: list[Path]) -> str:
    """Return one line of markdown: the rewards' share of a GRPO step, from the logs of finished demonstrations."""
    costs = {
        f"{run.name} {logs.name.removeprefix('grpo_')}": reward_cost(logs)
        for run in runs
        for logs in sorted((run / "logs").glob("stage2*/"))
    }
    if not costs:
        return "Rewards' share of a GRPO step: no finished demonstration was found; run examples/demo.sh or pass one with --grpo."
    each = ", ".join(f"{name} {ms:.1f} ms, {100 * share:.1f} %" for name, (ms, share) in costs.items())
    return (
        "Rewards in the GRPO steps of the demonstration, milliseconds per answer and share of a step if nothing ran "
        f"in parallel: {each}."
    )

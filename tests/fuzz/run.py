"""Send broken answers through the whole reward of an edit, as verl calls it, and check its guarantees.

    python tests/fuzz/run.py --count 100000 --seed 0

prints the outcomes of the answers and their times; exit code 1 if a guarantee was broken: no exception, no error, the same
finite keys always, every value in its range, nothing slower than the timeout.
"""

import asyncio
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from mutate import answers
from tqdm import tqdm

from iea.editor import Image, ProgramError, render
from iea.editor.io import write_image
from iea.reward_fns import compute_score, parse_answer
from iea.reward_fns.compute import TIMEOUT_S
from iea.reward_fns.result import RANGES, failed_score
from iea.reward_fns.tasks import TASKS

SIDE = 32  # pixels
IN_FLIGHT = 16  # calls in flight for each worker
UNUSED = set(RANGES) - set(TASKS["edit"].reported)
PROMISED = {key: (0, 0) if key == "error" or key in UNUSED else limits for key, limits in RANGES.items()}
"""Smallest and largest value of every key, of an edit without an error."""


@dataclass
class Report:
    """Outcomes of the answers."""

    scores: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    times_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Return one line for each outcome."""
        lines = [f"{'outcome':<14} {'answers':>8} {'score':>7} {'median ms':>10} {'99 % ms':>8} {'max ms':>8}"]
        for outcome in sorted(self.scores, key=lambda name: -len(self.scores[name])):
            times = self.times_ms[outcome]
            median, high = np.percentile(times, [50, 99])
            lines.append(
                f"{outcome:<14} {len(times):>8} {np.mean(self.scores[outcome]):>7.3f} "
                f"{median:>10.2f} {high:>8.2f} {max(times):>8.2f}"
            )
        return "\n".join(lines)


def make_pairs(folder: Path) -> list[dict[str, str]]:
    """Write smooth, noisy, flat, 16-bit and identical pairs; return an `extra_info` for each."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, 200, SIDE)
    smooth = np.stack([ramp + 0 * ramp[:, None], ramp[:, None] + 0 * ramp, 0.5 * (ramp + ramp[:, None])], axis=-1)
    images: dict[str, Image] = {
        "smooth": smooth.astype(np.uint8),
        "noise": rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8),
        "black": np.zeros((SIDE, SIDE, 3), np.uint8),
        "deep": (smooth * 257).astype(np.uint16),
    }
    pairs = [_write_pair(folder, name, image, image) for name, image in images.items()]
    edits = {"exposure": -25, "temperature": 30, "contrast": 20, "sharpness": -40}
    pairs += [_write_pair(folder, f"{name}_edited", image, render(image, edits)) for name, image in images.items()]
    return [*pairs, _write_pair(folder, "opposite", images["black"], 255 - images["black"])]


def _write_pair(folder: Path, name: str, original: Image, reference: Image) -> dict[str, str]:
    paths = {"original": str(folder / f"{name}_original.png"), "reference": str(folder / f"{name}_reference.png")}
    write_image(paths["original"], original)
    write_image(paths["reference"], reference)
    return paths


def outcome_of(text: str) -> str:
    """Return the name of an answer's outcome."""
    try:
        program = parse_answer(text)
    except ProgramError as error:
        return error.reason
    return "edit" if any(program.values()) else "no edit"


def broken_promises(result: dict[str, float], outcome: str, timeout_s: float) -> list[str]:
    """Return the guarantees that one result breaks."""
    if list(result) != list(failed_score(0.0)):
        return [f"keys {list(result)}"]
    broken = [
        f"{key} = {result[key]}"
        for key, (low, high) in PROMISED.items()
        if not (isinstance(result[key], float) and low <= result[key] <= high and math.isfinite(result[key]))
    ]
    if result["reward_ms"] > timeout_s * 1e3:
        broken.append(f"slower than {timeout_s} s: {result['reward_ms']} ms")
    if result["parsable"] != (outcome in ("edit", "no edit")):
        broken.append(f"parsable = {result['parsable']} of outcome {outcome}")
    if outcome != "edit" and result["score"] != -1:
        broken.append(f"score = {result['score']} of outcome {outcome}")
    return broken


async def run(count: int, seed: int, workers: int = 1, timeout_s: float = TIMEOUT_S) -> Report:
    """Score `count` answers in `workers` worker processes."""
    report = Report()
    with tempfile.TemporaryDirectory() as folder, tqdm(total=count, desc="answers", unit="") as bar:
        pairs = make_pairs(Path(folder))
        stream = enumerate(islice(answers(seed), count))

        async def consume(stream: Iterator[tuple[int, str]]) -> None:
            for index, text in stream:
                pair = pairs[index % len(pairs)]
                await _score_one(report, f"answer {index} of seed {seed}", text, pair, workers, timeout_s)
                bar.update()

        await asyncio.gather(*(consume(stream) for _ in range(IN_FLIGHT * workers)))
    return report


async def _score_one(
    report: Report, label: str, text: str, pair: dict[str, str], workers: int, timeout_s: float
) -> None:
    try:
        result = await compute_score("iea/edit", text, "", pair, timeout_s=timeout_s, workers=workers)
        outcome = outcome_of(text)
    except Exception as error:  # noqa: BLE001 - exceptions are the finding
        report.failures.append(f"{label}: raised {error!r}")
        return
    report.failures += [f"{label}: {broken}" for broken in broken_promises(result, outcome, timeout_s)]
    report.scores[outcome].append(result["score"])
    report.times_ms[outcome].append(result["reward_ms"])


def main(
    count: Annotated[int, typer.Option(min=1, help="Number of answers.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same answers.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    timeout_s: Annotated[float, typer.Option(help="Seconds of work that an answer may take.")] = TIMEOUT_S,
) -> None:
    """Fuzz the reward with mutated model answers."""
    report = asyncio.run(run(count, seed, workers, timeout_s))
    print(report.table())
    for failure in report.failures[:20]:
        print(f"FAILED {failure[:300]}")
    print(f"{count} answers, {len(report.failures)} broken promises")
    raise typer.Exit(1 if report.failures else 0)


if __name__ == "__main__":
    typer.run(main)

"""The tiny judge's training rows: the reward model's, some of whose answers go on with the reason.

    python -m iea.recipe.judge.lesson --judged work/judge/judged --out work/judge/lesson

A score alone says little about how it came about: one token a row, and the same one for very different pairs. So a share
of the training rows has both programs after the score, tool by tool: what was meant, what was understood.

    -10 temperature +20 -20
    5 exposure +20 +20 contrast +50 +0

Levels are spelled by one value each. In a share of the rows one sentence or both are in bare numbers, "temperature +20,
grain +80": reading and reckoning are two lessons, and numbers teach the second before the first is learnt. And a share of the rows with several edits is left out: what is learnt of one edit
serves for all, and short rows are cheap. The validation rows are as they are made, and end with the score, as does what
the judge is asked in use.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from iea.data_prep.row import JUDGE_SCHEMA, judged_to_sft
from iea.data_prep.shards import read_rows
from iea.data_prep.wording.levels import LEVELS, level
from iea.editor import TOOLS

SPELLED: Mapping[str, int] = {name: values[len(values) // 2] for name, values in LEVELS.items()}
REASONED = 0.9  # of the training rows have a reason; the others teach that an answer may end with the score
KEPT: Mapping[int, float] = {1: 1.0, 2: 0.6, 3: 0.45, 4: 0.3}
"""Tools that were meant -> share of such training rows that is kept. Half of the lesson's rows are of one tool then."""
BOTH_IN_NUMBERS, ONE_IN_NUMBERS = (
    0.3,
    0.2,
)  # of the training rows; each of the two sentences alone in the latter
REASONS, CHOICE, NUMBERS = 1, 2, 3  # last entropy words of the generators


@dataclass(frozen=True)
class Lesson:
    """Settings of one lesson.

    judged : folder of a finished table of JUDGED
    out : folder for `train.parquet` and `val.parquet`
    reasoned : share of the training rows with a reason
    seed : of which rows those are
    """

    judged: Path
    out: Path
    reasoned: float = REASONED
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.reasoned <= 1:
            raise ValueError(f"reasoned must be a share in [0, 1], got {self.reasoned}")


def reason(reference_program: str, prediction_program: str) -> str:
    """Both programs tool by tool, in the editor's order: "exposure +20 +20 contrast +50 +0".

    Parameters
    ----------
    reference_program, prediction_program : JSON; "" of a prediction that names no edit
    """
    meant, understood = (json.loads(text or "{}") for text in (reference_program, prediction_program))
    return " ".join(
        f"{tool} {_spelled(meant.get(tool, 0)):+d} {_spelled(understood.get(tool, 0)):+d}"
        for tool in TOOLS
        if meant.get(tool) or understood.get(tool)
    )


def _spelled(value: int) -> int:
    """The value that stands for the level of `value`."""
    return 0 if value == 0 else (1 if value > 0 else -1) * SPELLED[level(value)]


def chosen(judged: Iterable[Mapping[str, Any]], seed: int) -> list[Mapping[str, Any]]:
    """The training rows that the lesson keeps, in their order."""
    rng = np.random.default_rng([seed, CHOICE])
    return [row for row in judged if rng.random() < KEPT.get(len(json.loads(row["reference_program"])), 0.0)]


def in_numbers(judged: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """A row of JUDGED as it is, or with one of its sentences or both in bare numbers; those without an edit stay."""
    sides, chance = ("reference", "prediction"), rng.random()
    both, one = BOTH_IN_NUMBERS, ONE_IN_NUMBERS
    numbered = (
        sides
        if chance < both
        else sides[:1]
        if chance < both + one
        else sides[1:]
        if chance < both + 2 * one
        else ()
    )
    row = dict(judged)
    for side in numbered:
        program = json.loads(row[f"{side}_program"] or "{}")
        edits = [f"{tool.replace('_', ' ')} {value:+d}" for tool, value in program.items()]
        if edits:
            row[side] = ", ".join(edits[i] for i in rng.permutation(len(edits)))
    return row


def lesson_row(judged: Mapping[str, Any], index: int, *, reasoned: bool) -> dict[str, Any]:
    """A row of JUDGE_SCHEMA from one of JUDGED; where `reasoned`, its answer goes on with the reason."""
    row = judged_to_sft(dict(judged), index)
    if reasoned:
        why = reason(judged["reference_program"], judged["prediction_program"])
        row["messages"][-1]["content"] += f" {why}"
    return row


def write_lesson(lesson: Lesson) -> dict[str, int]:
    """Write both files. Returns how many rows each has.

    Raises
    ------
    ValueError : `judged` is no finished table, or has no rows of one of the splits
    """
    lesson.out.mkdir(parents=True, exist_ok=True)
    rows, rng = read_rows(lesson.judged), np.random.default_rng([lesson.seed, REASONS])
    numbers = np.random.default_rng([lesson.seed, NUMBERS])
    train = chosen((row for row in rows if row["split"] == "train"), lesson.seed)
    val = [row for row in rows if row["split"] == "val"]
    files = {
        "train": [
            lesson_row(in_numbers(row, numbers), i, reasoned=bool(rng.random() < lesson.reasoned))
            for i, row in enumerate(train)
        ],
        "val": [lesson_row(row, i, reasoned=False) for i, row in enumerate(val)],
    }
    counts = {}
    for split, made in files.items():
        if not made:
            raise ValueError(
                f"{lesson.judged} must hold rows of the split {split}, got none; make it with both"
            )
        path = lesson.out / f"{split}.parquet"
        partial = path.with_suffix(".partial")
        pq.write_table(pa.Table.from_pylist(made, schema=JUDGE_SCHEMA), partial)
        partial.replace(path)
        counts[split] = len(made)
    return counts


def main(
    judged: Annotated[Path, typer.Option(help="table of judged sentences, as synthesise writes it")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    reasoned: Annotated[float, typer.Option(help="share of the training rows with a reason")] = REASONED,
    seed: Annotated[int, typer.Option(help="of which rows those are")] = 0,
) -> None:
    """Write the tiny judge's training rows."""
    counts = write_lesson(Lesson(judged, out, reasoned, seed))
    typer.echo(f"made {out}: " + ", ".join(f"{count} rows {split}" for split, count in counts.items()))


if __name__ == "__main__":
    typer.run(main)

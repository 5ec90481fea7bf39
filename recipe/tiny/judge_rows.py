"""The tiny judge's training rows: the reward model's, whose answers give the reason before the score.

    python -m iea.recipe.tiny.judge_rows --judged work/judge/judged --out work/judge/lesson

A score alone says little about how it came about: one token a row, and the same one for very different pairs. So the
answer reads both sentences aloud first, each tool where its sentence names it, has beside each tool that was understood
what was meant of it and how the two compare, and ends with the score:

    exposure +25 ; exposure +25 +55 near grain unasked +25 extra : 7

Levels are spelled by one value each. In a share of the rows one sentence or both are in bare numbers, "temperature +20,
grain +80": reading and reckoning are two lessons, and numbers teach the second before the first is learnt. Some words of
the sentences are slips, any other word of the lesson: what is said must not hang on each of them, or new wording would be
misread. And a share of the rows with several edits is left out: what is learnt of one edit serves for all, and short rows
are cheap. The validation rows are as they are made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from iea.data_prep.language import rubric
from iea.data_prep.language.levels import LEVELS, level, steps_apart
from iea.data_prep.language.rubric import SUBSTITUTE
from iea.data_prep.row import judged_to_sft
from iea.data_prep.runner import read_rows
from iea.data_prep.schema import JUDGE_SCHEMA

SPELLED: Mapping[str, int] = {name: values[len(values) // 2] for name, values in LEVELS.items()}
APART = ("same", "near", "far", "farthest")
"""How many levels two strengths lie apart, 0 to 3."""
OPPOSITE = "opposite"
INSTEAD = "instead"
"""Its substitute was meant: before one of the words above, as in "instead_near"."""
HALF, EXTRA = "half", "extra"
"""Nobody asked for it: beside its substitute, which was, or at all."""
VERDICTS = (*APART, OPPOSITE, HALF, EXTRA, *(f"{INSTEAD}_{word}" for word in (*APART, OPPOSITE)))
VAGUE, NONSENSE = "vague", "nonsense"
UNASKED = "unasked"
NO_EDIT: Mapping[int, str] = {rubric.VAGUE: VAGUE, rubric.WORST: NONSENSE}
"""The rubric's score of a prediction without an edit -> what the reason calls it."""
KEPT: Mapping[int, float] = {1: 1.0, 2: 0.6, 3: 0.45, 4: 0.3, 5: 0.3, 6: 0.3}
"""Tools that were meant -> share of such training rows that is kept."""
ALWAYS_KEPT = ("sign", "opposite")
"""Kinds whose rows are all kept: that a direction is the other one is learnt last, and a row that misses it is far off."""
BOTH_IN_NUMBERS = 0.1  # of the training rows
ONE_IN_NUMBERS = 0.1  # of them the reference alone, and as many the prediction
SLIPS = 0.1  # of the words of the training sentences; numbers and what goes with them are left alone
CHOICE, NUMBERS, WORDS = 2, 3, 4  # last entropy words of the generators


@dataclass(frozen=True)
class Lesson:
    """Settings of one lesson.

    judged : folder of a finished table of JUDGED
    out : folder for `train.parquet` and `val.parquet`
    seed : of which rows are left out, which are in numbers, and of the slips
    """

    judged: Path
    out: Path
    seed: int = 0


def reason(judged: Mapping[str, Any]) -> str:
    """Both programs of a row of JUDGED in the order of their sentences: "exposure +25 ; exposure +25 +55 near"."""
    meant, understood = (
        json.loads(judged[f"{side}_program"] or "{}") for side in ("reference", "prediction")
    )
    read = [f"{tool} {_spelled(value)}" for tool, value in meant.items()]
    compared = [
        f"{tool} {_spelled(_asked(tool, meant))} {_spelled(value)} {verdict(tool, meant, understood)}"
        for tool, value in understood.items()
    ]
    return " ".join([*read, ";", *(compared or [NO_EDIT[judged["score"]]])])


def _asked(tool: str, meant: Mapping[str, int]) -> int:
    """What was meant of a tool, or else of its substitute; 0 = neither."""
    return meant.get(tool) or meant.get(SUBSTITUTE.get(tool, ""), 0)


def verdict(tool: str, meant: Mapping[str, int], understood: Mapping[str, int]) -> str:
    """How one understood tool compares with what was meant, in one of VERDICTS: what the rubric tells apart."""
    asked, value, substitute = _asked(tool, meant), understood[tool], SUBSTITUTE.get(tool, "")
    if tool in meant:
        return _compared(asked, value)
    if asked and substitute not in understood:
        return f"{INSTEAD}_{_compared(asked, value)}"
    return HALF if asked * value > 0 else EXTRA


def _compared(meant: int, understood: int) -> str:
    return OPPOSITE if meant * understood < 0 else APART[steps_apart(meant, understood)]


def _spelled(value: int) -> str:
    """The value that stands for the level of `value`, with its sign; UNASKED for 0."""
    if value == 0:
        return UNASKED
    return f"{(1 if value > 0 else -1) * SPELLED[level(value)]:+d}"


def chosen(judged: Sequence[Mapping[str, Any]], seed: int) -> list[Mapping[str, Any]]:
    """The training rows that the lesson keeps, in their order."""
    rng = np.random.default_rng([seed, CHOICE])
    shares = (
        1.0 if row["kind"] in ALWAYS_KEPT else KEPT[len(json.loads(row["reference_program"]))]
        for row in judged
    )
    return [row for row, share in zip(judged, shares, strict=True) if rng.random() < share]


def in_numbers(judged: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """A row of JUDGED as it is, or with one of its sentences or both in bare numbers; those without an edit stay."""
    row = dict(judged)
    for side in _sides_in_numbers(rng.random()):
        program = json.loads(row[f"{side}_program"] or "{}")
        if program:
            tools = [list(program)[i] for i in rng.permutation(len(program))]
            row[side] = ", ".join(f"{tool.replace('_', ' ')} {program[tool]:+d}" for tool in tools)
            row[f"{side}_program"] = json.dumps({tool: program[tool] for tool in tools})
    return row


def _sides_in_numbers(chance: float) -> tuple[str, ...]:
    """Which sentences a number in [0, 1) puts in numbers."""
    if chance < BOTH_IN_NUMBERS:
        return ("reference", "prediction")
    if chance < BOTH_IN_NUMBERS + ONE_IN_NUMBERS:
        return ("reference",)
    return ("prediction",) if chance < BOTH_IN_NUMBERS + 2 * ONE_IN_NUMBERS else ()


def with_slips(judged: Mapping[str, Any], words: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    """A row of JUDGED in whose sentences any of `words` stands for a share of the words; those with digits stay."""
    slipped = {
        side: " ".join(
            words[int(rng.integers(len(words)))]
            if rng.random() < SLIPS and word.strip(",?").isalpha()
            else word
            for word in judged[side].split(" ")
        )
        for side in ("reference", "prediction")
    }
    return {**judged, **slipped}


def lesson_row(judged: Mapping[str, Any], index: int) -> dict[str, Any]:
    """A row of JUDGE_SCHEMA from one of JUDGED, its answer with the reason before the score."""
    row = judged_to_sft(dict(judged), index)
    row["messages"][-1]["content"] = f"{reason(judged)} : {row['messages'][-1]['content']}"
    return row


def training_rows(judged: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The rows of JUDGED that are taught: fewer, some in numbers, the others with slips."""
    numbers, slips = (np.random.default_rng([seed, last]) for last in (NUMBERS, WORDS))
    rows = chosen(judged, seed)
    words = sorted(
        {word for row in rows for word in f"{row['reference']} {row['prediction']}".split() if word.isalpha()}
    )
    return [in_numbers(with_slips(row, words, slips), numbers) for row in rows]


def write_lesson(lesson: Lesson) -> dict[str, int]:
    """Write both files. Returns how many rows each has.

    Raises
    ------
    ValueError : `judged` is no finished table, or has no rows of one of the splits
    """
    lesson.out.mkdir(parents=True, exist_ok=True)
    rows = read_rows(lesson.judged)
    train = training_rows([row for row in rows if row["split"] == "train"], lesson.seed)
    files = {
        "train": [lesson_row(row, i) for i, row in enumerate(train)],
        "val": [lesson_row(row, i) for i, row in enumerate(row for row in rows if row["split"] == "val")],
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
    judged: Annotated[Path, typer.Option(help="table of judged sentences, as synthesize writes it")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    seed: Annotated[
        int, typer.Option(help="of which rows are left out, which are in numbers, and of the slips")
    ] = 0,
) -> None:
    """Write the tiny judge's training rows."""
    counts = write_lesson(Lesson(judged, out, seed))
    typer.echo(f"made {out}: " + ", ".join(f"{count} rows {split}" for split, count in counts.items()))


if __name__ == "__main__":
    typer.run(main)

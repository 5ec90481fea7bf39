"""Write the SFT rows of the tiny judge: the rows of the reward model with a rationale before the score.

A score alone is one token of supervision per row, and very different pairs share it. The target is therefore a
rationale: it lists the edits of the reference in order, then each predicted edit with its reference value, its own
value and a verdict. The score ends it:

    exposure +25 ; exposure +25 +55 near grain unasked +25 extra : 7

Each strength level is written as one value. Only the training rows are augmented, in three ways:

- numeric form: a share of the rows states one request or both in numbers, "temperature +20, grain +80", from which
  scoring is learned before parsing has converged.
- word noise: some words of the requests are replaced by other words of the training rows, so that the answer does not
  depend on every single word of an unseen phrasing.
- subsampling: a share of the rows with several edits is dropped: short rows train faster, and one edit teaches for all.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from iea.data_prep.check import check_row
from iea.data_prep.files import write_parquet
from iea.data_prep.language import rubric
from iea.data_prep.language.rubric import SUBSTITUTE
from iea.data_prep.mix.verl_rows import judged_to_sft
from iea.data_prep.runner import RejectedError, read_rows
from iea.data_prep.schema import JUDGE_SCHEMA, JUDGED
from iea.editor import Program, ProgramError
from iea.editor.levels import LEVELS, level, steps_apart

LEVEL_VALUES: Mapping[str, int] = {name: values[len(values) // 2] for name, values in LEVELS.items()}
APART = ("same", "near", "far", "farthest")  # two strengths of one direction, by the levels between them: 0 to 3
OPPOSITE = "opposite"
INSTEAD = "instead"  # prefix of a verdict on a substitute of the reference tool, as in "instead_near"
HALF, EXTRA = "half", "extra"
"""Verdicts on a tool that the reference lacks: predicted beside the tool it substitutes, or unrelated to the request."""
VERDICTS = (*APART, OPPOSITE, HALF, EXTRA, *(f"{INSTEAD}_{word}" for word in (*APART, OPPOSITE)))
VAGUE, NONSENSE = "vague", "nonsense"
UNASKED = "unasked"
NO_EDIT = {rubric.VAGUE: VAGUE, rubric.WORST: NONSENSE}  # score of a prediction without an edit -> its word
KEPT: Mapping[int, float] = {1: 1.0, 2: 0.6, 3: 0.45, 4: 0.3, 5: 0.3, 6: 0.3}
"""Number of reference tools -> share of such training rows that is kept."""
ALWAYS_KEPT = ("sign", "opposite")  # kinds: opposite directions are learned last, and an error costs the most points
BOTH_NUMERIC = 0.1  # share of the training rows
ONE_NUMERIC = 0.1  # share of the rows with a numeric reference alone; the same share for the prediction
WORD_NOISE = 0.1  # share of the words of the training requests; words with digits are kept
SUBSAMPLE_STREAM, NUMERIC_STREAM, NOISE_STREAM = 2, 3, 4  # last entropy words of the random generators


def rationale(judged: Mapping[str, Any]) -> str:
    """Write the rationale of a row of JUDGED.

    >>> rationale({"reference_program": '{"exposure": 20}', "prediction_program": '{"exposure": -80}', "score": -10})
    'exposure +25 ; exposure +25 -85 opposite'
    """
    reference, prediction = (json.loads(judged[f"{side}_program"] or "{}") for side in ("reference", "prediction"))
    read = [f"{tool} {_level_value(value)}" for tool, value in reference.items()]
    compared = [
        f"{tool} {_level_value(_reference_value(tool, reference))} {_level_value(value)} {verdict(tool, reference, prediction)}"
        for tool, value in prediction.items()
    ]
    return " ".join([*read, ";", *(compared or [NO_EDIT[judged["score"]]])])


def _reference_value(tool: str, reference: Mapping[str, int]) -> int:
    """Return the reference value of a tool or else of its substitute; 0 where the reference has neither."""
    return reference.get(tool) or reference.get(SUBSTITUTE.get(tool, ""), 0)


def verdict(tool: str, reference: Mapping[str, int], prediction: Mapping[str, int]) -> str:
    """Return the verdict on one predicted tool, one of VERDICTS: the distinctions that the rubric makes."""
    target, value, substitute = _reference_value(tool, reference), prediction[tool], SUBSTITUTE.get(tool, "")
    if tool in reference:
        return _compare(target, value)
    if target and substitute not in prediction:
        return f"{INSTEAD}_{_compare(target, value)}"
    return HALF if target * value > 0 else EXTRA


def _compare(reference: int, prediction: int) -> str:
    return OPPOSITE if reference * prediction < 0 else APART[steps_apart(reference, prediction)]


def _level_value(value: int) -> str:
    """Return the signed value that represents the level of `value`; UNASKED for 0."""
    if value == 0:
        return UNASKED
    return f"{(1 if value > 0 else -1) * LEVEL_VALUES[level(value)]:+d}"


def subsample(judged: Sequence[Mapping[str, Any]], seed: int) -> list[Mapping[str, Any]]:
    """Drop a share of the training rows with several edits; the order is kept."""
    rng = np.random.default_rng([seed, SUBSAMPLE_STREAM])
    shares = (1.0 if row["kind"] in ALWAYS_KEPT else KEPT[len(json.loads(row["reference_program"]))] for row in judged)
    return [row for row, share in zip(judged, shares, strict=True) if rng.random() < share]


def numeric_form(judged: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Put one request or both of a share of the rows into numeric form; requests without an edit are kept."""
    row = dict(judged)
    for side in _numeric_sides(rng.random()):
        program = json.loads(row[f"{side}_program"] or "{}")
        if program:
            tools = [list(program)[i] for i in rng.permutation(len(program))]
            row[side] = ", ".join(f"{tool.replace('_', ' ')} {program[tool]:+d}" for tool in tools)
            row[f"{side}_program"] = json.dumps({tool: program[tool] for tool in tools})
    return row


def _numeric_sides(chance: float) -> tuple[str, ...]:
    """Choose the requests in numeric form by a random number in [0, 1)."""
    if chance < BOTH_NUMERIC:
        return ("reference", "prediction")
    if chance < BOTH_NUMERIC + ONE_NUMERIC:
        return ("reference",)
    return ("prediction",) if chance < BOTH_NUMERIC + 2 * ONE_NUMERIC else ()


def add_word_noise(judged: Mapping[str, Any], words: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    """Replace a share of the words of both requests by random `words`; words with digits are kept."""
    noisy = {
        side: " ".join(
            words[int(rng.integers(len(words)))] if rng.random() < WORD_NOISE and word.strip(",?").isalpha() else word
            for word in judged[side].split(" ")
        )
        for side in ("reference", "prediction")
    }
    return {**judged, **noisy}


def judge_sft_row(judged: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Make a row of JUDGE_SCHEMA from one of JUDGED, with the rationale before the score."""
    row = judged_to_sft(dict(judged), index)
    row["messages"][-1]["content"] = f"{rationale(judged)} : {row['messages'][-1]['content']}"
    return row


def training_rows(judged: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Subsample and augment the rows of JUDGED of the training split."""
    numeric, noise = (np.random.default_rng([seed, last]) for last in (NUMERIC_STREAM, NOISE_STREAM))
    rows = subsample(judged, seed)
    requests = (f"{row['reference']} {row['prediction']}" for row in rows)
    words = sorted({word for text in requests for word in text.split() if word.isalpha()})
    return [numeric_form(add_word_noise(row, words, noise), numeric) for row in rows]


def _refuse_unusable(row: Mapping[str, Any], judged: Path) -> None:
    """Raise ValueError unless the values and programs of a row of JUDGED give a rationale."""
    try:
        check_row(row, "JUDGED")
        programs = [Program.from_json(row[f"{side}_program"] or "{}") for side in ("reference", "prediction")]
    except (RejectedError, ProgramError) as error:
        raise ValueError(f"{str(judged)!r} must hold usable rows, got {row['name']!r}: {error.args[1]}") from None
    if len(programs[0]) not in KEPT or not (programs[1] or row["score"] in NO_EDIT):
        raise ValueError(
            f"{str(judged)!r} must hold rows with {min(KEPT)} to {max(KEPT)} tools in the reference, and a score among "
            f"{sorted(NO_EDIT)} where the prediction has none, got {row['name']!r}; make the table again"
        )


def write_judge_rows(judged: Path, out: Path, seed: int = 0) -> None:
    """Write `train.parquet` and `val.parquet`.

    Parameters
    ----------
    judged : folder of a finished table of JUDGED
    out : folder for the files
    seed : seed of the subsampling, the numeric form and the word noise

    Raises
    ------
    ValueError : `judged` is not a finished table, lacks rows of one of the splits, or has an unusable row
    """
    out.mkdir(parents=True, exist_ok=True)
    table = read_rows(judged, JUDGED)
    for row in table:
        _refuse_unusable(row, judged)
    train, val = ([row for row in table if row["split"] == split] for split in ("train", "val"))
    for split, rows in (("train", training_rows(train, seed)), ("val", val)):
        if not rows:
            raise ValueError(f"{judged} must hold rows of the split {split}, got none; make the table with both splits")
        made = pa.Table.from_pylist([judge_sft_row(row, i) for i, row in enumerate(rows)], schema=JUDGE_SCHEMA)
        write_parquet(out / f"{split}.parquet", made)

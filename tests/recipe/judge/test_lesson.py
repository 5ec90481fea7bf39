"""The tiny judge's rows: scores everywhere, reasons in some of the training rows, both as the rubric has them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.data_prep.shards import read_rows
from iea.recipe.judge.lesson import (
    BOTH_IN_NUMBERS,
    KEPT,
    REASONED,
    Lesson,
    chosen,
    in_numbers,
    reason,
    write_lesson,
)
from iea.reward_fns.judge.prompt import SCORES, judge_messages


def _answers(path: Path) -> list[str]:
    return [messages[-1]["content"] for messages in pd.read_parquet(path).messages]


@pytest.mark.parametrize(
    ("meant", "understood", "expected"),
    [
        ({"exposure": 15}, {"exposure": 30}, "exposure +25 +25"),
        ({"exposure": 15}, {"exposure": -100}, "exposure +25 -100"),
        ({"grain": 50, "exposure": -80}, {"grain": 20}, "exposure -85 +0 grain +55 +25"),
        ({"tint": 20}, {"fade": 50}, "tint +25 +0 fade +0 +55"),
    ],
)
def test_a_reason_names_both_values_of_every_tool_in_the_editors_order(
    meant: dict[str, int], understood: dict[str, int], expected: str
) -> None:
    assert reason(json.dumps(meant), json.dumps(understood)) == expected


@pytest.mark.parametrize("seed", range(4))
def test_a_sentence_in_numbers_asks_for_the_same_program(judged: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = read_rows(judged)
    seen = {(False, False): 0, (True, False): 0, (False, True): 0, (True, True): 0}
    for row in rows:
        told = in_numbers(row, rng)
        changed = tuple(told[side] != row[side] for side in ("reference", "prediction"))
        seen[changed] += 1
        for side, is_new in zip(("reference", "prediction"), changed, strict=True):
            if is_new:
                edits = [edit.rsplit(" ", 1) for edit in told[side].split(", ")]
                program = {name.replace(" ", "_"): int(value) for name, value in edits}
                assert program == json.loads(row[f"{side}_program"])
    assert seen[True, True] / len(rows) == pytest.approx(BOTH_IN_NUMBERS, abs=0.08)
    assert min(seen.values()) > 0.1 * len(rows)
    assert {row["prediction"] for row in rows if row["kind"] == "vague"} >= {
        in_numbers(row, rng)["prediction"] for row in rows if row["kind"] == "vague"
    }


def test_a_prediction_without_an_edit_is_understood_as_nothing() -> None:
    assert reason('{"tint": 20}', "") == "tint +25 +0"


def test_every_answer_begins_with_the_score_and_most_of_training_goes_on(lesson: Path) -> None:
    table = pd.read_parquet(lesson / "train.parquet")
    answers = _answers(lesson / "train.parquet")
    assert [answer.split(" ")[0] for answer in answers] == [str(info["score"]) for info in table.extra_info]
    assert sum(" " in answer for answer in answers) / len(answers) == pytest.approx(REASONED, abs=0.03)


def test_half_of_the_lesson_is_about_one_tool_and_none_of_it_about_five(judged: Path) -> None:
    rows = [row for row in read_rows(judged) if row["split"] == "train"]
    kept = chosen(rows, seed=0)
    counts = pd.Series([len(json.loads(row["reference_program"])) for row in kept]).value_counts(
        normalize=True
    )
    assert set(counts.index) == set(KEPT)
    assert counts[1] == pytest.approx(0.5, abs=0.1)
    order = [row["name"] for row in rows]
    assert [row["name"] for row in kept] == sorted((row["name"] for row in kept), key=order.index)


def test_validation_rows_are_what_the_judge_is_asked_in_use(lesson: Path) -> None:
    assert set(_answers(lesson / "val.parquet")) <= set(SCORES)
    for row in pd.read_parquet(lesson / "val.parquet").itertuples():
        asked = judge_messages(row.extra_info["reference"], row.extra_info["prediction"])
        assert list(row.messages[:-1]) == asked


@pytest.mark.parametrize("reasoned", [0.0, 1.0])
def test_the_share_of_reasons_is_kept_at_its_ends(judged: Path, tmp_path: Path, reasoned: float) -> None:
    write_lesson(Lesson(judged, tmp_path, reasoned))
    assert {" " in answer for answer in _answers(tmp_path / "train.parquet")} == {bool(reasoned)}


def test_the_same_lesson_has_the_same_bytes(judged: Path, lesson: Path, tmp_path: Path) -> None:
    write_lesson(Lesson(judged, tmp_path))
    for name in ("train.parquet", "val.parquet"):
        assert (tmp_path / name).read_bytes() == (lesson / name).read_bytes()


def test_a_share_beyond_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="share"):
        Lesson(tmp_path, tmp_path, reasoned=1.5)


def test_an_unfinished_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="finished"):
        write_lesson(Lesson(tmp_path, tmp_path / "lesson"))

"""The tiny judge's rows: both sentences read aloud in their order, compared as the rubric does, then the score."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.data_prep.language.rubric import score_programs
from iea.data_prep.runner import read_rows
from iea.recipe.tiny.judge_rows import (
    ALWAYS_KEPT,
    BOTH_IN_NUMBERS,
    KEPT,
    SLIPS,
    VERDICTS,
    Lesson,
    chosen,
    in_numbers,
    reason,
    verdict,
    with_slips,
    write_lesson,
)
from iea.reward_fns.judge.prompt import REASONED, judge_messages


def _answers(path: Path) -> list[str]:
    return [messages[-1]["content"] for messages in pd.read_parquet(path).messages]


def _judged(meant: dict[str, int], understood: dict[str, int], score: int = 5) -> dict[str, object]:
    programs = {"reference_program": json.dumps(meant), "prediction_program": json.dumps(understood)}
    return {**programs, "score": score}


@pytest.mark.parametrize(
    ("meant", "understood", "expected"),
    [
        ({"exposure": 15}, {"exposure": 30}, "exposure +25 ; exposure +25 +25 same"),
        ({"exposure": 15}, {"exposure": 100}, "exposure +25 ; exposure +25 +100 farthest"),
        ({"grain": 50, "exposure": -80}, {"exposure": -50}, "grain +55 exposure -85 ; exposure -85 -55 near"),
        ({"tint": 20}, {"fade": 50, "tint": -20}, "tint +25 ; fade unasked +55 extra tint +25 -25 opposite"),
        ({"exposure": 20}, {"brightness": 85}, "exposure +25 ; brightness +25 +85 instead_far"),
        ({"exposure": 20}, {"brightness": -20}, "exposure +25 ; brightness +25 -25 instead_opposite"),
        (
            {"whites": 50},
            {"whites": 50, "highlights": 15},
            "whites +55 ; whites +55 +55 same highlights +55 +25 half",
        ),
    ],
)
def test_a_reason_keeps_the_sentences_order_and_compares_what_was_understood(
    meant: dict[str, int], understood: dict[str, int], expected: str
) -> None:
    assert reason(_judged(meant, understood)) == expected


def test_the_score_follows_from_the_reason(judged: Path) -> None:
    """Rows of the same reason have the same score; so whoever reads both sentences rightly can reckon it."""
    seen: dict[str, int] = {}
    for row in read_rows(judged):
        assert seen.setdefault(reason(row), row["score"]) == row["score"]
        meant, understood = (
            json.loads(row[f"{side}_program"] or "{}") for side in ("reference", "prediction")
        )
        if understood:
            assert score_programs(meant, understood) == row["score"]
            assert {verdict(tool, meant, understood) for tool in understood} <= set(VERDICTS)


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
                assert list(program) == list(json.loads(told[f"{side}_program"]))
    assert seen[True, True] / len(rows) == pytest.approx(BOTH_IN_NUMBERS, abs=0.08)
    assert min(seen.values()) > 0.05 * len(rows)
    assert {row["prediction"] for row in rows if row["kind"] == "vague"} >= {
        in_numbers(row, rng)["prediction"] for row in rows if row["kind"] == "vague"
    }


def test_a_prediction_without_an_edit_is_called_what_it_is() -> None:
    assert reason(_judged({"tint": 20}, {}, score=0)) == "tint +25 ; vague"
    assert reason(_judged({"tint": 20}, {}, score=-10)) == "tint +25 ; nonsense"


@pytest.mark.parametrize("split", ["train", "val"])
def test_every_answer_ends_with_the_score_and_keeps_to_the_pattern(lesson: Path, split: str) -> None:
    table, answers = pd.read_parquet(lesson / f"{split}.parquet"), _answers(lesson / f"{split}.parquet")
    scores = [info["score"] for info in table.extra_info]
    assert [int(answer.rpartition(" : ")[2]) for answer in answers] == scores
    assert all(re.fullmatch(REASONED, answer) for answer in answers)


def test_slips_are_other_words_and_spare_the_numbers(judged: Path) -> None:
    rng = np.random.default_rng(0)
    changed = total = 0
    for row in read_rows(judged)[:400]:
        slipped = with_slips(row, ["slip"], rng)
        for side in ("reference", "prediction"):
            before, after = row[side].split(" "), slipped[side].split(" ")
            assert all(one in (other, "slip") for other, one in zip(before, after, strict=True))
            assert [w for w in before if re.search(r"\d", w)] == [w for w in after if re.search(r"\d", w)]
            changed += after.count("slip")
            total += len(before)
    assert changed / total == pytest.approx(SLIPS, abs=0.02)


def test_fewer_rows_are_of_many_tools_but_all_that_go_the_other_way_are_kept(judged: Path) -> None:
    rows = [row for row in read_rows(judged) if row["split"] == "train"]
    kept = chosen(rows, seed=0)
    names = {row["name"] for row in kept}
    for count, share in KEPT.items():
        of_count = [
            row
            for row in rows
            if len(json.loads(row["reference_program"])) == count and row["kind"] not in ALWAYS_KEPT
        ]
        assert np.mean([row["name"] in names for row in of_count]) == pytest.approx(share, abs=0.15)
    assert all(row["name"] in names for row in rows if row["kind"] in ALWAYS_KEPT)
    order = [row["name"] for row in rows]
    assert [row["name"] for row in kept] == sorted(names, key=order.index)


def test_validation_rows_are_what_the_judge_is_asked_in_use(judged: Path, lesson: Path) -> None:
    rows = [row for row in read_rows(judged) if row["split"] == "val"]
    for row, taught in zip(rows, pd.read_parquet(lesson / "val.parquet").messages, strict=True):
        assert list(taught[:-1]) == judge_messages(row["reference"], row["prediction"])


def test_the_same_lesson_has_the_same_bytes(judged: Path, lesson: Path, tmp_path: Path) -> None:
    write_lesson(Lesson(judged, tmp_path))
    for name in ("train.parquet", "val.parquet"):
        assert (tmp_path / name).read_bytes() == (lesson / name).read_bytes()


def test_an_unfinished_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="finished"):
        write_lesson(Lesson(tmp_path, tmp_path / "lesson"))

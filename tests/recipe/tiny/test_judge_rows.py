"""SFT rows of the tiny judge: a rationale in the order of the sentences, then the rubric's score."""

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
    BOTH_NUMERIC,
    KEPT,
    VERDICTS,
    WORD_NOISE,
    add_word_noise,
    numeric_form,
    rationale,
    subsample,
    verdict,
    write_judge_rows,
)
from iea.reward_fns.judge.prompt import REASONED, judge_messages


def _answers(path: Path) -> list[str]:
    return [messages[-1]["content"] for messages in pd.read_parquet(path).messages]


def _judged(reference: dict[str, int], prediction: dict[str, int], score: int = 5) -> dict[str, object]:
    programs = {"reference_program": json.dumps(reference), "prediction_program": json.dumps(prediction)}
    return {**programs, "score": score}


@pytest.mark.parametrize(
    ("reference", "prediction", "expected"),
    [
        ({"exposure": 15}, {"exposure": 30}, "exposure +25 ; exposure +25 +25 same"),
        ({"exposure": 15}, {"exposure": 100}, "exposure +25 ; exposure +25 +100 farthest"),
        ({"grain": 50, "exposure": -80}, {"exposure": -50}, "grain +55 exposure -85 ; exposure -85 -55 near"),
        ({"tint": 20}, {"fade": 50, "tint": -20}, "tint +25 ; fade unasked +55 extra tint +25 -25 opposite"),
        ({"exposure": 20}, {"brightness": 85}, "exposure +25 ; brightness +25 +85 instead_far"),
        ({"exposure": 20}, {"brightness": -20}, "exposure +25 ; brightness +25 -25 instead_opposite"),
        ({"whites": 50}, {"whites": 50, "highlights": 15}, "whites +55 ; whites +55 +55 same highlights +55 +25 half"),
    ],
)
def test_a_rationale_compares_the_edits_in_order(
    reference: dict[str, int], prediction: dict[str, int], expected: str
) -> None:
    assert rationale(_judged(reference, prediction)) == expected


def test_the_rationale_determines_the_score(judged: Path) -> None:
    """Rows of one rationale have one score, so the score can be computed from a correct rationale."""
    seen: dict[str, int] = {}
    for row in read_rows(judged):
        assert seen.setdefault(rationale(row), row["score"]) == row["score"]
        reference, prediction = (json.loads(row[f"{side}_program"] or "{}") for side in ("reference", "prediction"))
        if prediction:
            assert score_programs(reference, prediction) == row["score"]
            assert {verdict(tool, reference, prediction) for tool in prediction} <= set(VERDICTS)


@pytest.mark.parametrize("seed", range(4))
def test_the_numeric_form_asks_for_the_same_program(judged: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = read_rows(judged)
    seen = {(False, False): 0, (True, False): 0, (False, True): 0, (True, True): 0}
    for row in rows:
        changed_row = numeric_form(row, rng)
        changed = tuple(changed_row[side] != row[side] for side in ("reference", "prediction"))
        seen[changed] += 1
        for side, is_new in zip(("reference", "prediction"), changed, strict=True):
            if is_new:
                edits = [edit.rsplit(" ", 1) for edit in changed_row[side].split(", ")]
                program = {name.replace(" ", "_"): int(value) for name, value in edits}
                assert program == json.loads(row[f"{side}_program"])
                assert list(program) == list(json.loads(changed_row[f"{side}_program"]))
    assert seen[True, True] / len(rows) == pytest.approx(BOTH_NUMERIC, abs=0.08)
    assert min(seen.values()) > 0.05 * len(rows)
    assert {row["prediction"] for row in rows if row["kind"] == "vague"} >= {
        numeric_form(row, rng)["prediction"] for row in rows if row["kind"] == "vague"
    }


def test_a_prediction_without_an_edit_is_vague_or_nonsense() -> None:
    assert rationale(_judged({"tint": 20}, {}, score=0)) == "tint +25 ; vague"
    assert rationale(_judged({"tint": 20}, {}, score=-10)) == "tint +25 ; nonsense"


@pytest.mark.parametrize("split", ["train", "val"])
def test_every_answer_matches_the_pattern_and_ends_in_its_score(judge_rows: Path, split: str) -> None:
    table, answers = (pd.read_parquet(judge_rows / f"{split}.parquet"), _answers(judge_rows / f"{split}.parquet"))
    scores = [info["score"] for info in table.extra_info]
    assert [int(answer.rpartition(" : ")[2]) for answer in answers] == scores
    assert all(re.fullmatch(REASONED, answer) for answer in answers)


def test_word_noise_spares_the_numbers(judged: Path) -> None:
    rng = np.random.default_rng(0)
    changed = total = 0
    for row in read_rows(judged)[:400]:
        noisy = add_word_noise(row, ["noise"], rng)
        for side in ("reference", "prediction"):
            before, after = row[side].split(" "), noisy[side].split(" ")
            assert all(one in (other, "noise") for other, one in zip(before, after, strict=True))
            assert [w for w in before if re.search(r"\d", w)] == [w for w in after if re.search(r"\d", w)]
            changed += after.count("noise")
            total += len(before)
    assert changed / total == pytest.approx(WORD_NOISE, abs=0.02)


def test_subsampling_keeps_its_shares_and_all_opposites(judged: Path) -> None:
    rows = [row for row in read_rows(judged) if row["split"] == "train"]
    kept = subsample(rows, seed=0)
    names = {row["name"] for row in kept}
    for count, share in KEPT.items():
        of_count = [
            row for row in rows if len(json.loads(row["reference_program"])) == count and row["kind"] not in ALWAYS_KEPT
        ]
        assert np.mean([row["name"] in names for row in of_count]) == pytest.approx(share, abs=0.15)
    assert all(row["name"] in names for row in rows if row["kind"] in ALWAYS_KEPT)
    order = [row["name"] for row in rows]
    assert [row["name"] for row in kept] == sorted(names, key=order.index)


def test_validation_rows_have_the_prompts_of_training(judged: Path, judge_rows: Path) -> None:
    rows = [row for row in read_rows(judged) if row["split"] == "val"]
    for row, messages in zip(rows, pd.read_parquet(judge_rows / "val.parquet").messages, strict=True):
        assert list(messages[:-1]) == judge_messages(row["reference"], row["prediction"])


def test_one_seed_gives_the_same_bytes(judged: Path, judge_rows: Path, tmp_path: Path) -> None:
    write_judge_rows(judged, tmp_path)
    for name in ("train.parquet", "val.parquet"):
        assert (tmp_path / name).read_bytes() == (judge_rows / name).read_bytes()


def test_an_unfinished_table_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="finished"):
        write_judge_rows(tmp_path, tmp_path / "rows")

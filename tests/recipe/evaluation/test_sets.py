"""Results of a run's stages and controls, on every set that has rows."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.evaluation.sets import evaluate_sets
from iea.recipe.evaluation.systems import SYSTEMS, Settings, System

PROGRAM = {"exposure": 40, "tint": -30}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A run whose held-out set has a row of each task, and whose second set has no rows yet."""
    original = np.random.default_rng(0).integers(60, 190, (24, 24, 3), dtype=np.uint8)
    edited = render(original, Program(PROGRAM))
    paths = {name: str(tmp_path / f"{name}.png") for name in ("original", "reference", "previous")}
    for path, image in zip(paths.values(), (original, edited, original), strict=True):
        write_image(path, image)
    rows = []
    for index, kind in enumerate(("edit", "auto", "refine", "summary")):
        extra = {"index": index, "name": kind, "photo": "p", "kind": kind, "program": json.dumps(PROGRAM)} | paths
        prompt = [{"role": "user", "content": "<image>better"}]
        rows.append({"data_source": f"iea/{kind}", "prompt": prompt, "extra_info": extra | {"summaries": ["warmer"]}})
    (tmp_path / "data").mkdir()
    pd.DataFrame(rows).to_parquet(tmp_path / "data/held_out.parquet")
    return tmp_path


def test_a_system_answers_the_rows_of_its_tasks(home: Path) -> None:
    found = evaluate_sets(home, "true_programs", Settings())
    assert set(found) == {"held_out"}
    assert found["held_out"].kind.tolist() == ["edit", "auto", "refine"] and found["held_out"].score.eq(1).all()
    assert (home / "evaluation/held_out/true_programs.parquet").exists()


def test_results_are_kept_until_the_rows_change(home: Path) -> None:
    evaluate_sets(home, "true_programs", Settings())
    assert evaluate_sets(home, "true_programs", Settings()) == {}
    out, rows = home / "evaluation/held_out/true_programs.parquet", home / "data/held_out.parquet"
    os.utime(rows, (out.stat().st_mtime + 1,) * 2)
    assert set(evaluate_sets(home, "true_programs", Settings())) == {"held_out"}


def test_summaries_are_left_out_where_there_is_no_judge(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = System("told", lambda rows, _: [json.dumps(PROGRAM)] * len(rows))
    monkeypatch.setitem(SYSTEMS, "told", told)  # type: ignore[arg-type]
    assert set(evaluate_sets(home, "told", Settings())["held_out"].kind) == {"edit", "auto", "refine"}
    assert evaluate_sets(home, "stage3_shuffled", Settings()) == {}


def test_a_set_that_comes_later_is_evaluated_then(home: Path) -> None:
    evaluate_sets(home, "noisy_labels", Settings())
    (home / "data/second.parquet").write_bytes((home / "data/held_out.parquet").read_bytes())
    assert set(evaluate_sets(home, "noisy_labels", Settings())) == {"second"}


@pytest.mark.parametrize("name", ["stage1_shrunk", "stage1_shrunk_paper"])
def test_a_control_shrinks_the_results_of_its_stage(home: Path, name: str) -> None:
    """Twice the right values: half of them is the program."""
    twice = json.dumps({tool: 2 * value for tool, value in PROGRAM.items()})
    (home / "evaluation/held_out").mkdir(parents=True)
    answers = pd.DataFrame({"index": range(4), "answer": [twice, twice, twice, "warmer"]})
    answers.to_parquet(home / "evaluation/held_out/stage1.parquet")
    results = evaluate_sets(home, name, Settings())["held_out"]
    factors = {json.loads(answer)["exposure"] / 80 for answer in results.answer}
    assert factors <= {0.4, 0.6} and results.score.gt(0.8).all()


def test_results_to_shrink_must_be_of_the_same_rows(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must have results to shrink"):
        SYSTEMS["shrunk"].answers(pd.read_parquet(home / "data/held_out.parquet"), Settings())
    pd.DataFrame({"index": [7], "answer": ["{}"]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="results of the same rows"):
        rows = pd.read_parquet(home / "data/held_out.parquet")
        SYSTEMS["shrunk"].answers(rows, Settings(results=tmp_path / "other.parquet"))


def test_a_row_without_a_score_is_not_kept(home: Path) -> None:
    """The summary has no judge; the images of one row are damaged."""
    (home / "reference.png").write_bytes(b"no image")
    rows = pd.read_parquet(home / "data/held_out.parquet")
    other = home / "other.png"
    write_image(other, np.zeros((24, 24, 3), np.uint8))
    first, *others = rows.extra_info
    changed = [first, *(extra | {"reference": str(other)} for extra in others)]
    rows.assign(extra_info=changed).to_parquet(home / "data/held_out.parquet")
    with pytest.raises(RuntimeError, match="got 1 of 3 without a score"):
        evaluate_sets(home, "true_programs", Settings())
    assert not (home / "evaluation/held_out/true_programs.parquet").exists()


def test_a_run_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="held_out.parquet, second.parquet"):
        evaluate_sets(tmp_path, "true_programs", Settings())

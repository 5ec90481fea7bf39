"""Compared systems, on rows whose references were rendered by their programs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.evaluation.systems.shrunk import shrunk
from iea.recipe.evaluation.systems.shuffled import other_photographs

PROGRAMS = ({"exposure": 45}, {"contrast": -30, "tint": 20}, {"saturation": 60, "fade": 25, "whites": -20})


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    original = np.random.default_rng(0).integers(60, 190, (24, 24, 3), dtype=np.uint8)
    write_image(folder / "original.png", original)
    table = []
    for index, program in enumerate(PROGRAMS):
        reference = folder / f"reference{index}.png"
        write_image(reference, render(original, Program(program)))
        extra = {"index": index, "name": f"row-{index}", "photo": "p", "kind": "edit"}
        extra |= {"original": str(folder / "original.png"), "reference": str(reference)}
        prompt = [{"role": "user", "content": "<image>make it better"}]
        extra["program"] = json.dumps(program)
        table.append({"data_source": "iea/edit", "prompt": prompt, "extra_info": extra})
    pd.DataFrame(table).to_parquet(folder / "val.parquet")
    return folder / "val.parquet"


def test_true_programs_earn_the_highest_reward(rows: Path) -> None:
    results = evaluate(SYSTEMS["true_programs"], rows, Settings())
    assert results.score.tolist() == [1.0, 1.0, 1.0]
    assert results.instruction.tolist() == ["make it better"] * 3


def test_the_command_prints_a_table_and_writes_results_and_a_manifest(
    rows: Path, tmp_path: Path, iea: Callable[..., Result]
) -> None:
    result = iea(
        "evaluate", "true_programs", "--rows", rows, "--out", tmp_path / "new" / "out", "--metrics", "reward,valid"
    )
    assert "| true_programs | 3 | 0 | 100.0 | 1.000 |" in result.output
    manifest = json.loads((tmp_path / "new/out/true_programs.json").read_text())
    assert manifest["classes"]["edit"] == {"rows": 3, "failed": 0, "valid": 100.0, "reward": 1.0}
    assert len(pd.read_parquet(tmp_path / "new/out/true_programs.parquet")) == len(PROGRAMS)


def test_noisy_labels_earn_less_than_the_true_programs(rows: Path) -> None:
    results = evaluate(SYSTEMS["noisy_labels"], rows, Settings())
    assert results.error.eq(0).all() and results.score.mean() < 1


def test_labels_without_noise_are_the_true_programs(rows: Path) -> None:
    table = pd.read_parquet(rows)
    labels = SYSTEMS["noisy_labels"].answers(table, Settings(noise=0))
    assert [json.loads(label) for label in labels] == list(PROGRAMS)


def test_labels_follow_the_seed_and_not_the_order(rows: Path) -> None:
    table = pd.read_parquet(rows)
    labels = SYSTEMS["noisy_labels"].answers(table, Settings(seed=1))
    assert SYSTEMS["noisy_labels"].answers(table[::-1], Settings(seed=1)) == labels[::-1]
    assert SYSTEMS["noisy_labels"].answers(table, Settings(seed=2)) != labels


def test_a_shuffled_row_gets_the_images_of_another_photograph_and_every_row_is_taken_once() -> None:
    photos = list("abbacacbcabc")
    places = other_photographs(photos)
    assert sorted(places) == list(range(len(photos)))
    assert all(photos[place] != photos[row] for row, place in enumerate(places))


def test_a_photograph_with_most_rows_cannot_be_shuffled() -> None:
    with pytest.raises(ValueError, match="got 2 of 3"):
        other_photographs(["a", "a", "b"])


def test_shrinking_keeps_the_largest_tools_and_every_value_in_range() -> None:
    program = Program({"exposure": -3, "tint": 50, "fade": 20})
    assert shrunk(program, 0.2, 3) == Program({"exposure": -1, "tint": 10, "fade": 4})
    assert shrunk(program, 1.0, 1) == Program({"tint": 50})


def test_rows_of_other_tasks_are_not_for_a_system(rows: Path) -> None:
    with pytest.raises(ValueError, match="must hold rows of summary for shuffled"):
        evaluate(SYSTEMS["shuffled"], rows, Settings())


@pytest.mark.parametrize("name", ["checkpoint", "gray"])
def test_a_policy_without_a_model_is_rejected(rows: Path, name: str) -> None:
    with pytest.raises(ValueError, match="must be the Hugging Face folder"):
        SYSTEMS[name].answers(pd.read_parquet(rows), Settings())

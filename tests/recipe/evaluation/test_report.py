"""The report of several runs, from files in the places of the pipeline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from iea.editor.io import read_image
from iea.recipe.evaluation.report import report


def test_tables_of_all_runs_are_printed_and_drawn(make_home: Callable[..., Path], tmp_path: Path) -> None:
    homes, out = [make_home("seed-0"), make_home("seed-1", stage2=0.1)], tmp_path / "new" / "report"
    text = report(homes, out)
    assert text.startswith("**Staircase**") and "| held out | seed-1 | Stage 3 |" in text
    assert "seed-0, second set: the first row that asks for a program of each of the first 3 photographs" in text
    assert (out / "tables.md").read_text() == text + "\n"
    assert sorted(path.name for path in out.iterdir()) == [
        "contact_sheet.jpg",
        "reward_curve.png",
        "staircase.png",
        "tables.md",
    ]
    for name in ("contact_sheet.jpg", "reward_curve.png", "staircase.png"):
        assert read_image(out / name).std() > 0


def test_nothing_is_written_without_a_folder(make_home: Callable[..., Path], iea: Callable[..., Any]) -> None:
    home = make_home("seed-0")
    before = sorted(home.rglob("*"))
    result = iea("report", home)
    assert result.exit_code == 0 and "**Gains of GRPO**" in result.output
    assert sorted(home.rglob("*")) == before


def test_a_run_that_has_begun_is_reported(make_home: Callable[..., Path], tmp_path: Path) -> None:
    home = make_home("seed-0")
    for path in home.glob("evaluation/*/*.parquet"):
        if path.stem != "untrained":
            path.unlink()
    text = report([home], tmp_path / "report")
    assert "| held out | untrained |" in text and "| held out | Stage 1 |" not in text
    assert not (tmp_path / "report" / "contact_sheet.jpg").exists()


def test_a_folder_without_results_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold results of a stage"):
        report([tmp_path])


def test_runs_of_one_name_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different names"):
        report([tmp_path / "a/seed-0", tmp_path / "b/seed-0"])


def test_a_run_under_two_names_is_rejected(make_home: Callable[..., Path], tmp_path: Path) -> None:
    home = make_home("seed-0")
    (tmp_path / "seed-1").symlink_to(home)
    with pytest.raises(ValueError, match="must be different folders"):
        report([home, tmp_path / "seed-1"])


@pytest.mark.parametrize("damage", ["no rows", "no score", "null kind", "text score", "list photo"])
def test_damaged_results_are_one_line_that_names_the_file(
    damage: str, results: pd.DataFrame, make_home: Callable[..., Path], iea: Callable[..., Any]
) -> None:
    damaged = {
        "no rows": results[:0],
        "no score": results.drop(columns="score"),
        "null kind": results.assign(kind=None),
        "text score": results.assign(score="high"),
        "list photo": results.assign(photo=[["a"]] * len(results)),
    }
    home = make_home("seed-0")
    damaged[damage].to_parquet(home / "evaluation/held_out/stage1.parquet")
    result = iea("report", home)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert "stage1.parquet" in result.output and result.output.count("\n") == 1


def test_damaged_logs_are_one_line_that_names_the_file(make_home: Callable[..., Path], iea: Callable[..., Any]) -> None:
    home = make_home("seed-0")
    (log,) = (home / "logs" / "stage2").glob("*.jsonl")
    log.write_bytes(b"\xff\xfe\n{}\n")
    result = iea("report", home)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert log.name in result.output and result.output.count("\n") == 1

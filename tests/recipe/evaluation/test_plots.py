"""Plots of a finished run."""

from pathlib import Path

import numpy as np
import pandas as pd

from iea.editor.io import read_image
from iea.recipe.evaluation.contact_sheet import contact_sheet
from iea.recipe.evaluation.plots import confusion, plot_confusion, plot_reward


def test_plots_are_written_atomically(results: pd.DataFrame, tmp_path: Path) -> None:
    log = pd.DataFrame({"critic/score/mean": [0.0, 0.1], "reward/iea/edit/r_like": [0.0, 0.2]}, index=[1, 2])
    plot_reward(log, tmp_path / "curve.png")
    contact_sheet([("Stage 1", results[results.kind == "edit"])], tmp_path / "sheet.png")
    plot_confusion(pd.DataFrame({"score": [10, -10], "answer": [10, 0]}), tmp_path / "confusion.png")
    for name in ("curve.png", "sheet.png", "confusion.png"):
        assert read_image(tmp_path / name).std() > 0
    assert not list(tmp_path.glob("*partial*"))


def test_a_contact_sheet_has_a_strip_for_each_photograph_and_a_column_for_each_stage(
    results: pd.DataFrame, tmp_path: Path
) -> None:
    edits = results[results.kind != "summary"]
    sizes = []
    for stages, shown in ((1, 1), (1, 9), (3, 1)):
        drawn = contact_sheet([(f"Stage {stage}", edits) for stage in range(stages)], tmp_path / "sheet.jpg", shown)
        assert drawn == min(shown, edits.photo.nunique())
        sizes.append(read_image(tmp_path / "sheet.jpg").shape[:2])
    assert sizes[1][0] > 2 * sizes[0][0] and sizes[1][1] == sizes[0][1]
    assert sizes[2][0] == sizes[0][0] and sizes[2][1] > sizes[0][1]


def test_confusion_has_the_judge_by_row_the_rubric_by_column() -> None:
    counts = confusion(pd.DataFrame({"score": [10, 10, -10], "answer": [10, 9, -6]}))
    expected = np.zeros((21, 21))
    expected[20, 20] = expected[19, 20] = expected[4, 0] = 1
    assert np.array_equal(counts, expected)

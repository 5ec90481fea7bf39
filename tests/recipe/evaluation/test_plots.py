"""Plots of a finished run."""

from pathlib import Path

import numpy as np
import pandas as pd

from iea.editor.io import read_image
from iea.recipe.evaluation.plots import confusion, contact_sheet, plot_confusion, plot_reward


def test_plots_are_written_atomically(results: pd.DataFrame, tmp_path: Path) -> None:
    log = pd.DataFrame({"critic/score/mean": [0.0, 0.1], "reward/iea/edit/r_like": [0.0, 0.2]}, index=[1, 2])
    plot_reward(log, tmp_path / "curve.png")
    contact_sheet(results, results, tmp_path / "sheet.png", rows=3)
    plot_confusion(pd.DataFrame({"score": [10, -10], "answer": [10, 0]}), tmp_path / "confusion.png")
    for name in ("curve.png", "sheet.png", "confusion.png"):
        assert read_image(tmp_path / name).std() > 0
    assert not list(tmp_path.glob("*partial*"))


def test_a_contact_sheet_is_as_long_as_its_rows(results: pd.DataFrame, tmp_path: Path) -> None:
    heights = []
    for rows in (3, 6):
        contact_sheet(results, results, tmp_path / "sheet.png", rows=rows)
        heights.append(read_image(tmp_path / "sheet.png").shape[0])
    assert heights[1] == 2 * heights[0]


def test_confusion_has_the_judge_by_row_the_rubric_by_column() -> None:
    counts = confusion(pd.DataFrame({"score": [10, 10, -10], "answer": [10, 9, -6]}))
    expected = np.zeros((21, 21))
    expected[20, 20] = expected[19, 20] = expected[4, 0] = 1
    assert np.array_equal(counts, expected)

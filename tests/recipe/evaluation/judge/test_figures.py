"""Figures of a judge, by hand-made answers."""

from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from iea.recipe.evaluation.judge.figures import by_kind, markdown, plot_confusion, summary

EXAMINED = pd.DataFrame(
    {
        "kind": ["exact", "exact", "exact", "sign", "vague"],
        "score": [10, 10, 10, -10, 0],
        "answer": [10, 10, 9, -6, 0],
    }
)


def test_figures_of_the_judge_are_those_of_its_answers() -> None:
    judge = summary(EXAMINED).loc["judge"]
    assert judge["rows"] == 5
    assert judge["MAE"] == pytest.approx((1 + 4) / 5)
    assert judge["accuracy"] == pytest.approx(3 / 5)
    assert judge["within 1"] == pytest.approx(4 / 5)
    assert judge["Spearman"] == pytest.approx(0.9, abs=0.06)  # one of three equal ranks is broken


def test_baselines_are_the_best_constants_of_the_rows() -> None:
    table = summary(EXAMINED)
    assert table.loc["always the most frequent", "accuracy"] == pytest.approx(3 / 5)
    assert table.loc["always the median", "MAE"] == pytest.approx((20 + 10) / 5)
    assert table.loc["always the median", "Spearman":].isna().all()  # type: ignore[misc]  # a slice of names


def test_kinds_are_told_apart() -> None:
    table = by_kind(EXAMINED)
    assert table["rows"].to_dict() == {"exact": 3, "sign": 1, "vague": 1}
    assert table.loc["sign", "MAE"] == 4


def test_markdown_has_a_line_a_row_and_leaves_undefined_figures_empty() -> None:
    lines = markdown(summary(EXAMINED), "all").splitlines()
    assert len(lines) == 2 + 3
    assert lines[0] == "| all | rows | MAE | accuracy | within 1 | Spearman |"
    assert lines[-1].endswith("| 0.600 |  |")


def test_the_confusion_plot_shows_more_ink_on_the_diagonal_of_a_good_judge(tmp_path: Path) -> None:
    right = EXAMINED.assign(answer=EXAMINED.score)
    for name, table in (("right", right), ("wrong", EXAMINED)):
        plot_confusion(table, tmp_path / f"{name}.png")
    pictures = [Image.open(tmp_path / f"{name}.png") for name in ("right", "wrong")]
    assert pictures[0].size == pictures[1].size and pictures[0].width > 800
    assert pictures[0].tobytes() != pictures[1].tobytes()
    assert {path.name for path in tmp_path.iterdir()} == {"right.png", "wrong.png"}

"""Figures of a judge, from answers made by hand."""

import pandas as pd
import pytest

from iea.recipe.evaluation.judge.evaluate import by_kind, summary
from iea.recipe.evaluation.tables.table import print_frames

ANSWERS = pd.DataFrame(
    {"kind": ["exact", "exact", "exact", "sign", "vague"], "score": [10, 10, 10, -10, 0], "answer": [10, 10, 9, -6, 0]}
)


def test_figures_follow_from_the_answers() -> None:
    judge = summary(ANSWERS).set_index("all pairs").loc["judge"]
    assert judge["rows"] == 5
    assert judge["MAE"] == pytest.approx((1 + 4) / 5)
    assert judge["accuracy"] == pytest.approx(3 / 5)
    assert judge["within 1"] == pytest.approx(4 / 5)
    assert judge["Spearman"] == pytest.approx(0.9, abs=0.06)  # one of three equal ranks is broken


def test_baselines_are_the_best_constants() -> None:
    table = summary(ANSWERS).set_index("all pairs")
    assert table.loc["always the most frequent", "accuracy"] == pytest.approx(3 / 5)
    assert table.loc["always the median", "MAE"] == pytest.approx((20 + 10) / 5)
    assert table.loc["always the median", "Spearman":].isna().all()  # type: ignore[misc]  # a slice of names


def test_each_kind_of_fault_has_its_own_figures() -> None:
    table = by_kind(ANSWERS).set_index("kind of fault")
    assert table["rows"].to_dict() == {"exact": 3, "sign": 1, "vague": 1}
    assert table.loc["sign", "MAE"] == 4


def test_undefined_figures_are_empty_cells() -> None:
    lines = print_frames([("title", summary(ANSWERS))]).splitlines()
    assert len(lines) == 2 + 2 + 3
    assert lines[2] == "| all pairs | rows | MAE | accuracy | within 1 | Spearman |"
    assert lines[-1].endswith("| 0.600 |  |")

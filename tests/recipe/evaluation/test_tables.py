"""Tables of one or more runs."""

import pandas as pd

from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables import TABLES, print_tables


def _run(results: pd.DataFrame, run: str = "seed-0", **gains: float) -> RunResults:
    """A run whose evaluations are `results` with a constant added to the reward."""
    return RunResults(run, "quick", {name: results.assign(score=results.score + gain) for name, gain in gains.items()})


def test_kinds_of_rows_have_lines_of_their_own(results: pd.DataFrame) -> None:
    table = TABLES["kinds"].frame([_run(results, sft=0.0)])
    assert table[["stage", "rows", "n"]].to_numpy().tolist() == [
        ["after SFT", "without instruction", 3],
        ["after SFT", "with instruction", 9],
    ]
    assert table["reward ↑"].tolist() == ["0.400", "0.600"]


def test_stages_are_ordered_so_that_runs_can_be_compared(results: pd.DataFrame) -> None:
    runs = [_run(results, run, grpo=0.5, sft=0.0) for run in ("seed-0", "seed-1")]
    table = TABLES["stages"].frame(runs)
    assert table["stage"].tolist() == ["after SFT"] * 2 + ["after GRPO"] * 2
    assert table["reward ↑"].tolist() == ["0.550"] * 2 + ["1.050"] * 2


def test_photographs_have_a_column_per_stage_and_no_source(results: pd.DataFrame) -> None:
    table = TABLES["photographs"].frame([_run(results, sft=0.0, grpo=0.5)])
    assert table["photograph"].tolist() == ["photo0", "photo1", "photo2"]
    assert table["rows"].tolist() == [4, 4, 4]
    assert (table["after GRPO"] - table["after SFT"]).round(9).eq(0.5).all()


def test_gains_are_differences_over_the_same_rows(results: pd.DataFrame) -> None:
    table = TABLES["gains"].frame([_run(results, sft=0.0, grpo=0.5, grpo_gray=0.25)])
    assert table.iloc[0].tolist() == [
        "seed-0 quick",
        "+0.500 (+0.500 to +0.500)",
        "not run",
        "+0.250 (+0.250 to +0.250)",
    ]


def test_headroom_is_the_labels_distance_from_the_true_programs(results: pd.DataFrame) -> None:
    runs = [_run(results, noisy_labels=0.0, true_programs=0.5)] * 2  # two settings share their rows
    table = TABLES["headroom"].frame(runs)
    assert table["rows"].tolist() == ["without instruction", "with instruction"]
    assert table["headroom"].tolist() == ["+0.500", "+0.500"]


def test_a_table_without_rows_is_not_printed(results: pd.DataFrame) -> None:
    text = print_tables([_run(results, sft=0.0)])
    assert "**Stages**" in text and "**Times**" not in text and "**Gains" not in text


def test_printed_numbers_have_a_leading_zero(results: pd.DataFrame) -> None:
    assert "| seed-0 quick | photo0 | 4 | 0.450 |" in print_tables([_run(results, sft=0.0)])

"""Tables of one or more runs; every line names its set, rows and photographs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from iea.recipe.evaluation.report import read_run
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables import TABLES, print_tables


@pytest.fixture
def runs(make_home: Callable[..., Path]) -> list[RunResults]:
    """Two seeds, the second better by 0.1 after GRPO and worse by 0.6 after Stage 3."""
    return [read_run(make_home("seed-0")), read_run(make_home("seed-1", stage2=0.1, stage3=-0.6))]


def _table(name: str, runs: Sequence[RunResults], part: str = "held out") -> pd.DataFrame:
    table = TABLES[name].frame(runs)
    return table[table.set == part] if "set" in table else table


def test_the_staircase_has_mean_and_spread_of_every_stage(runs: list[RunResults]) -> None:
    table = _table("staircase", runs).set_index("stage")
    assert table.index.tolist() == ["untrained", "Stage 1", "Stage 2", "Stage 3"]
    assert table[["seeds", "photographs"]].eq([2, 3]).all(axis=None) and table["rows"].eq("24").all()
    # rows 0, 1, 6, 7, 12, 13, 18, 19 have an instruction: 0.19 on average
    assert table["Edit, with instruction ↑"].tolist()[1:3] == ["0.190 ± 0.000", "0.440 ± 0.071"]
    assert table["Summary, R_align ↑"].tolist()[1:3] == ["2.70 ± 0.00", "5.20 ± 0.71"]
    assert table["Summary, ROUGE-L ↑"].tolist() == ["0.250 ± 0.000"] * 4


def test_every_set_has_its_lines(runs: list[RunResults]) -> None:
    for name in (
        "staircase",
        "edits",
        "summaries",
        "improvements",
        "seeds",
        "gains",
        "shrinking",
        "controls",
        "bounds",
    ):
        lines = TABLES[name].frame(runs)
        assert lines.set.value_counts().to_dict() == dict.fromkeys(("held out", "second set"), len(lines) // 2), name
        assert {"set", "photographs", "rows"} <= set(lines), name


def test_edits_and_summaries_have_the_metrics_of_their_task_alone(runs: list[RunResults]) -> None:
    edits, summaries = _table("edits", runs), _table("summaries", runs)
    assert set(edits["rows of"]) == {"Edit, with instruction", "Edit, without instruction", "Refine"}
    assert {"L ↓", "R_like ↑", "R_use ↑", "tools ↓", "reward, paper's form ↑"} <= set(edits)
    assert not {"R_align ↑", "ROUGE-L ↑"} & set(edits)
    assert {"valid % ↑", "R_align ↑", "ROUGE-L ↑", "reward ↑"} == set(summaries.columns[6:])


def test_improvements_count_the_seeds(runs: list[RunResults]) -> None:
    table = _table("improvements", runs).set_index(["rows of", "metric"])
    line = table.loc["Edit, with instruction", "R_like ↑"]
    assert line["Stage 2 - Stage 1"] == "+0.250, 2 of 2"
    assert line["Stage 3 - Stage 1"] == "+0.200, 1 of 2"
    assert table.loc[("Refine", "L ↓"), "Stage 3 - Stage 2"] == "+0.000, 0 of 2"


def test_gains_have_intervals_over_runs_and_photographs(runs: list[RunResults]) -> None:
    table = _table("gains", runs).set_index(["difference", "rows of", "metric"])
    line = table.loc["Stage 2 - control", "Edit", "R_like"]
    assert line[["GRPO runs", "seeds", "photographs", "rows"]].tolist() == [4, 2, 3, "12"]
    assert line["each run"] == "+0.100, +0.200, +0.200, +0.200"
    assert line["mean, 95 % over runs"] == "+0.175 (+0.095 to +0.255)"
    assert line["mean, 95 % over photographs"] == "+0.175 (+0.175 to +0.175)"
    assert table.loc[("Stage 2 - Stage 1", "Summary", "R_align"), "each run"] == "+2.000, +3.000, +3.000, +3.000"
    honest = table.loc[("Stage 2 - control", "Edit", "reward, honest form"), "each run"]
    assert honest == "+0.070, +0.140, +0.140, +0.140"
    shrunk = table["of it by shrinking"]
    assert shrunk["Stage 2 - Stage 1", "Edit", "reward, paper's form"] == "+0.035"
    assert shrunk["Stage 2 - control"].eq("").all() and shrunk["Stage 2 - Stage 1", "Summary", "R_align"] == ""


def test_shrinking_is_a_share_of_the_gain(runs: list[RunResults]) -> None:
    table = _table("shrinking", runs).set_index(["run", "metric"])
    assert table.loc[("seed-0", "reward, paper's form"), "share"] == "20 %"  # 0.7 * 0.05 of 0.7 * 0.25
    worse = [read_run_with(runs[0], stage2=-1.0)]
    assert set(_table("shrinking", worse).share) == {"no gain"}


def read_run_with(run: RunResults, **gains: float) -> RunResults:
    """Return a run with one GRPO run, whose R_like has this number added."""
    changed = {part: dict(systems) for part, systems in run.evaluations.items()}
    for systems in changed.values():
        systems.pop("stage2_again")
        for name, gain in gains.items():
            systems[name] = systems[name].assign(r_like=systems[name].r_like + gain)
    return RunResults(run.name, changed)


def test_controls_are_compared_on_the_rows_that_they_have(runs: list[RunResults]) -> None:
    table = _table("controls", runs).set_index("rows of")
    assert table.loc["Refine", "difference, 95 % over seeds"] == "+0.200 (-3.612 to +4.012)"
    assert table.loc["Summary", ["metric", "shown", "control"]].tolist() == [
        "R_align",
        "pair of another photograph",
        "2.70 ± 0.00",
    ]
    assert table["seeds"].tolist() == [2] * 4


def test_bounds_and_times(runs: list[RunResults]) -> None:
    bounds = _table("bounds", runs[:1]).set_index("rows of")
    assert bounds.loc["Edit, with instruction", ["SFT labels", "true programs"]].tolist() == ["0.290", "0.790"]
    times = TABLES["times"].frame(runs[:1])
    assert times["minutes"].tolist() == ["0.1", "0.1"] and times["s per step"].tolist() == ["3.00", "4.00"]
    # 16 x 5 answers of 6 ms (two thirds of the rows) or 3 ms in 4 s
    assert times["rewards, share of a step"].tolist() == ["", "10.0 %"]


def test_a_table_without_rows_is_not_printed(results: pd.DataFrame) -> None:
    text = print_tables([RunResults("seed-0", {"second": {"stage1": results}})])
    assert "**Staircase**" in text and "**Times**" not in text and "**Gains" not in text and "held out" not in text

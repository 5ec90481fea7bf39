"""Evaluation of an untrained judge, end to end."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import Result

pytest.importorskip("transformers")

from iea.recipe.evaluation.judge.cases import ATTACKS, CASES
from iea.recipe.evaluation.judge.evaluate import ask_attacks, ask_cases, evaluate
from iea.recipe.evaluation.judge.local_judge import LocalJudge

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def out(judge: Path, judge_rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    evaluate(judge, judge_rows / "val.parquet", folder, reasoned=True)
    return folder


def test_answers_keep_the_order_of_the_pairs(out: Path, judge_rows: Path) -> None:
    pairs = pd.DataFrame(list(pd.read_parquet(judge_rows / "val.parquet").extra_info))
    answered = pd.read_parquet(out / "answers.parquet")
    assert answered.prediction.tolist() == pairs.prediction.tolist()
    assert answered.score.tolist() == pairs.score.tolist()
    assert answered.answer.between(-10, 10).all()
    assert answered.said.str.contains(" : ").all()


def test_the_report_has_all_tables_and_baselines(out: Path) -> None:
    text = (out / "report.md").read_text()
    for title in ("all pairs", "kind of fault", "case", "attack"):
        assert f"| {title} |" in text
    assert "always the most frequent" in text and "always the median" in text
    assert sorted(path.name for path in out.iterdir()) == ["answers.parquet", "confusion.png", "report.md"]


def test_every_case_and_attack_is_asked(judge: Path) -> None:
    ask = LocalJudge(judge).answers
    assert ask_cases(ask).rubric.tolist() == [case.expected for case in CASES]
    attacks = ask_attacks(ask)
    assert len(attacks) == len(ATTACKS)
    found = attacks[attacks["rejected by"] != ""]
    final = found[found["rejected by"] != "vague"]
    assert (final["with checks"] == final.rubric).all()
    assert (found["with checks"] <= 0).all()
    assert {"vague", "empty", "repeated", "prompt", "language", "soup", "prompt_injection"} == set(found["rejected by"])


def test_rows_without_judged_pairs_are_rejected(judge: Path, tmp_path: Path, iea: Callable[..., Result]) -> None:
    pd.DataFrame({"messages": [[]]}).to_parquet(tmp_path / "other.parquet")
    options = ("--model", judge, "--data", tmp_path / "other.parquet", "--out", tmp_path / "out")
    result = iea("judge", "evaluate", *options)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ") and "other.parquet" in result.stderr and "extra_info" in result.stderr

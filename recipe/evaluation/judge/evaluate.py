"""Evaluate a judge on held-out pairs, on the cases of the rubric and on attacks.

    iea judge evaluate --model work/judge/huggingface --data work/judge_data/sft/val.parquet \\
        --out work/judge_report --reasoned

Writes `answers.parquet` (one row per pair), `confusion.png` and `report.md`, and prints the report. `--reasoned` is for
a judge that answers with a rationale first, as the tiny one does; leave it out for a judge that answers with the
integer alone. The attacks also pass through the checks that precede the judge in training,
`iea.reward_fns.judge.checks`; the pairs and the cases do not.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.judge.answers import answers, score_of
from iea.recipe.evaluation.judge.cases import ATTACKS, CASES, REFERENCE
from iea.recipe.evaluation.judge.figures import by_kind, markdown, summary
from iea.recipe.evaluation.plots import plot_confusion
from iea.recipe.evaluation.run import write_results
from iea.reward_fns.judge.checks import rejection

KEPT = ["index", "kind", "persona", "reference", "prediction", "score"]
Judge = Callable[[Sequence[tuple[str, str]]], list[str]]
"""Pairs of (reference, prediction) -> one answer each."""


def judge_pairs(judge: Judge, rows: Path) -> pd.DataFrame:
    """Ask the judge about every pair of a file of JUDGE_SCHEMA.

    Returns
    -------
    one line per pair: KEPT, the judge's text `said`, and `answer`, the integer at its end

    Raises
    ------
    ValueError : the file holds no judged pairs
    """
    table = pd.read_parquet(rows)
    if "extra_info" not in table or not len(table) or not set(KEPT) <= set(table.extra_info.iloc[0]):
        raise ValueError(f"{rows} must hold judged pairs as `mix judge` writes them, got {list(table)}")
    pairs = pd.DataFrame([{key: info[key] for key in KEPT} for info in table.extra_info])
    asked = list(zip(pairs.reference, pairs.prediction, strict=True))
    said = judge(asked)
    return pairs.assign(said=said, answer=[score_of(text) for text in said])


def ask_cases(judge: Judge) -> pd.DataFrame:
    """Ask the judge about the cases of the rubric; return their scores by rubric and judge."""
    said = judge([(case.reference, case.prediction) for case in CASES])
    rows = [
        (case.reference, case.prediction, case.expected, score_of(text)) for case, text in zip(CASES, said, strict=True)
    ]
    return pd.DataFrame(
        rows, index=[case.name for case in CASES], columns=["reference", "prediction", "rubric", "judge"]
    )


def ask_attacks(judge: Judge) -> pd.DataFrame:
    """Ask the judge about the attacks; return their scores by rubric, by the judge alone, and with the checks before it."""
    said = judge([(REFERENCE, attack.prediction) for attack in ATTACKS])
    rows = []
    for attack, score in zip(ATTACKS, map(score_of, said), strict=True):
        found = rejection(attack.prediction, [REFERENCE])
        rows.append(
            (attack.prediction, attack.expected, score, found.check if found else "", found.score if found else score)
        )
    return pd.DataFrame(
        rows,
        index=[attack.name for attack in ATTACKS],
        columns=["prediction", "rubric", "judge alone", "rejected by", "with checks"],
    )


def report(pairs: pd.DataFrame, cases: pd.DataFrame, attacks: pd.DataFrame) -> str:
    """Print all tables as markdown, each under its title."""
    return "\n\n".join(
        [
            "**All pairs**: the judge against the best constants.",
            markdown(summary(pairs), "all pairs"),
            "**Kinds of fault**: the lower the MAE, the better the judge recognizes this fault.",
            markdown(by_kind(pairs), "kind of fault"),
            "**Cases of the rubric**: rubric and judge should agree.",
            markdown(cases, "case"),
            f'**Attacks** on the reference "{REFERENCE}": with the checks, rubric and score should agree.',
            markdown(attacks, "attack"),
        ]
    )


def evaluate(model: Path, rows: Path, out: Path, *, reasoned: bool = False) -> str:
    """Evaluate the judge in folder `model`, write all files to `out` and return the report.

    Raises
    ------
    ValueError : `rows` holds no judged pairs
    """
    judge = partial(answers, model, reasoned=reasoned)
    pairs = judge_pairs(judge, rows)
    text = report(pairs, ask_cases(judge), ask_attacks(judge))
    write_results(pairs, out / "answers.parquet")
    plot_confusion(pairs, out / "confusion.png")
    partial_report = out / "report.partial"
    partial_report.write_text(text + "\n")
    partial_report.replace(out / "report.md")
    return text

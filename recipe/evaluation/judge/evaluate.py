"""Evaluate a judge on held-out pairs, on the cases of the rubric and on attacks.

    iea judge evaluate --model work/judge/huggingface --data work/judge_data/sft/val.parquet \\
        --out work/judge_report --reasoned

Writes `answers.parquet` (one row per pair), `confusion.png` and `report.md`, and prints the report. `--reasoned` is for
a judge that answers with a rationale first, as the tiny one does; leave it out for a judge that answers with the
integer alone. The attacks also pass through the checks that precede the judge in training,
`iea.reward_fns.judge.checks`; the pairs and the cases do not.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from scipy.stats import spearmanr

from iea.data_prep.check import read_checked
from iea.data_prep.files import refuse_overwriting, write_text
from iea.recipe.evaluation.evaluate import write_results
from iea.recipe.evaluation.judge.cases import ATTACKS, CASES, REFERENCE
from iea.recipe.evaluation.judge.local_judge import LocalJudge, score_of
from iea.recipe.evaluation.plots import plot_confusion
from iea.recipe.evaluation.tables.table import print_frames
from iea.reward_fns.judge.checks import rejection

KEPT = ["index", "kind", "persona", "reference", "prediction", "score"]
Judge = Callable[[Sequence[tuple[str, str]]], list[str]]
"""Pairs of (reference, prediction) -> one answer each."""


def evaluate(model: Path, rows: Path, out: Path, *, reasoned: bool = False) -> str:
    """Evaluate the judge in folder `model`, write all files to `out` and return the report.

    Raises
    ------
    ValueError : `rows` holds no judged pairs
    """
    refuse_overwriting(out / "answers.parquet", rows)
    judge = LocalJudge(model, reasoned=reasoned).answers
    pairs = judge_pairs(judge, rows)
    on_attacks = f'**Attacks** on the reference "{REFERENCE}": with the checks, rubric and score should agree.'
    text = print_frames(
        [
            ("**All pairs**: the judge against the best constants.", summary(pairs)),
            ("**Kinds of fault**: the lower the MAE, the better the judge recognizes this fault.", by_kind(pairs)),
            ("**Cases of the rubric**: rubric and judge should agree.", ask_cases(judge)),
            (on_attacks, ask_attacks(judge)),
        ]
    )
    write_results(pairs, out / "answers.parquet")
    plot_confusion(pairs, out / "confusion.png")
    write_text(out / "report.md", text + "\n")
    return text


def judge_pairs(judge: Judge, rows: Path) -> pd.DataFrame:
    """Ask the judge about every pair of a file of JUDGE_SCHEMA.

    Returns
    -------
    one line per pair: KEPT with the rubric's `score`, the judge's text `said`, and `answer`, the integer at its end

    Raises
    ------
    ValueError : the file holds no judged pairs, or an unusable one
    """
    table = read_checked(rows, "JUDGED_PAIRS")
    pairs = pd.DataFrame([{key: info[key] for key in KEPT} for info in table.extra_info])
    said = judge(list(zip(pairs.reference, pairs.prediction, strict=True)))
    return pairs.assign(said=said, answer=[score_of(text) for text in said])


def ask_cases(judge: Judge) -> pd.DataFrame:
    """Ask the judge about the cases of the rubric; return their scores by rubric and judge."""
    said = judge([(case.reference, case.prediction) for case in CASES])
    lines = [(case.name, case.reference, case.prediction, case.expected) for case in CASES]
    cases = pd.DataFrame(lines, columns=["case", "reference", "prediction", "rubric"])
    return cases.assign(judge=[score_of(text) for text in said])


def ask_attacks(judge: Judge) -> pd.DataFrame:
    """Ask the judge about the attacks; return their scores by rubric, by the judge alone, and with the checks before it."""
    said = judge([(REFERENCE, attack.prediction) for attack in ATTACKS])
    lines = []
    for attack, score in zip(ATTACKS, map(score_of, said), strict=True):
        found = rejection(attack.prediction, [REFERENCE])
        line = {"attack": attack.name, "prediction": attack.prediction, "rubric": attack.expected, "judge alone": score}
        checked = score if found is None else min(score, found.score) if found.needs_judge else found.score
        lines.append(line | {"rejected by": found.check if found else "", "with checks": checked})
    return pd.DataFrame(lines)


def summary(answers: pd.DataFrame) -> pd.DataFrame:
    """Compare the judge with the two best constants: the most frequent score and the median score.

    Both constants are taken from these rows, so no other constant has a better accuracy or MAE here.
    """
    scores = answers.score
    judges = {
        "judge": answers,
        "always the most frequent": answers.assign(answer=scores.mode().min()),
        "always the median": answers.assign(answer=round(scores.median())),
    }
    return pd.DataFrame([{"all pairs": name} | _figures(table) for name, table in judges.items()])


def by_kind(answers: pd.DataFrame) -> pd.DataFrame:
    """Compute the judge's figures for each kind of fault."""
    kinds = answers.groupby("kind", sort=False)
    return pd.DataFrame([{"kind of fault": kind} | _figures(table) for kind, table in kinds])


def _figures(table: pd.DataFrame) -> dict[str, object]:
    off = (table.answer - table.score).abs()
    constant = table.answer.nunique() < 2 or table.score.nunique() < 2  # no rank correlation then
    return {
        "rows": len(table),
        "MAE": float(off.mean()),
        "accuracy": float((off == 0).mean()),
        "within 1": float((off <= 1).mean()),
        "Spearman": float("nan") if constant else float(spearmanr(table.answer, table.score).statistic),
    }

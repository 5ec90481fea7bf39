"""Examine a judge: held-out pairs, the rubric's cases, attacks.

    python -m iea.recipe.evaluation.judge.evaluate --model work/judge/huggingface --rows work/judge_data/lesson/val.parquet \\
        --out work/judge_report --reasoned

Writes `answers.parquet` (a row a pair), `confusion.png` and `report.md`, and prints the latter. `--reasoned` is for a judge
that gives its reason first, as the tiny one does; leave it out for one that answers with the integer alone. Attacks meet
what stands before the judge in training as well, `iea.reward_fns.judge.checks`; the pairs and the cases do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from iea.recipe.evaluation.judge.answers import answers, score_of
from iea.recipe.evaluation.judge.cases import ATTACKS, CASES, REFERENCE
from iea.recipe.evaluation.judge.figures import by_kind, markdown, plot_confusion, summary
from iea.recipe.evaluation.policy import write_results
from iea.reward_fns.judge.checks import rejection
from iea.reward_fns.tasks.summary import SUMMARY

KEPT = ["index", "kind", "persona", "reference", "prediction", "score"]
Judge = Callable[[Sequence[tuple[str, str]]], list[str]]
"""Pairs of (reference, prediction) -> what it says of each."""


def examine(judge: Judge, rows: Path) -> pd.DataFrame:
    """Every pair of a file of JUDGE_SCHEMA with what the judge `said` and its score, `answer`.

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
    """The rubric's cases: what it gives them, and what the judge does."""
    said = judge([(case.reference, case.prediction) for case in CASES])
    rows = [
        (case.reference, case.prediction, case.expected, score_of(text))
        for case, text in zip(CASES, said, strict=True)
    ]
    return pd.DataFrame(
        rows, index=[case.name for case in CASES], columns=["meant", "understood", "rubric", "judge"]
    )


def ask_attacks(judge: Judge) -> pd.DataFrame:
    """The attacks: what the rubric gives them, what the judge would, and what they get with the checks before it."""
    said = judge([(REFERENCE, attack.prediction) for attack in ATTACKS])
    rows = []
    for attack, score in zip(ATTACKS, map(score_of, said), strict=True):
        found = rejection(attack.prediction, [REFERENCE], SUMMARY)
        rows.append(
            (
                attack.prediction,
                attack.expected,
                score,
                found.check if found else "",
                found.score if found else score,
            )
        )
    return pd.DataFrame(
        rows,
        index=[attack.name for attack in ATTACKS],
        columns=["understood", "rubric", "judge alone", "found by", "together"],
    )


def report(examined: pd.DataFrame, cases: pd.DataFrame, attacks: pd.DataFrame) -> str:
    """All tables, as markdown."""
    return "\n\n".join(
        [
            markdown(summary(examined), "all pairs"),
            markdown(by_kind(examined), "kind of fault"),
            markdown(cases, "case"),
            f'Attacks where "{REFERENCE}" was meant:',
            markdown(attacks, "attack"),
        ]
    )


def evaluate(model: Path, rows: Path, out: Path, *, reasoned: bool = False) -> str:
    """Examine `model` and write everything to `out`. Returns the report."""
    judge = partial(answers, model, reasoned=reasoned)
    examined = examine(judge, rows)
    text = report(examined, ask_cases(judge), ask_attacks(judge))
    write_results(examined, out / "answers.parquet")
    plot_confusion(examined, out / "confusion.png")
    unfinished = out / "report.partial"
    unfinished.write_text(text + "\n")
    unfinished.replace(out / "report.md")
    return text


def main(
    model: Annotated[Path, typer.Option(help="Hugging Face folder")],
    rows: Annotated[Path, typer.Option(help="the reward model's val.parquet")],
    out: Annotated[Path, typer.Option(help="folder for the report")],
    reasoned: Annotated[bool, typer.Option(help="the judge gives its reason before its score")] = False,
) -> None:
    """Say how well a judge judges."""
    try:
        text = evaluate(model, rows, out, reasoned=reasoned)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{text}\n\nIn {out}: report.md, confusion.png, answers.parquet")


if __name__ == "__main__":
    typer.run(main)

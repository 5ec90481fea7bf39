"""Compute the figures of a judge from one line per pair: `kind`, `score` (the rubric's) and `answer` (the judge's)."""

import pandas as pd


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
    from scipy.stats import spearmanr

    off = (table.answer - table.score).abs()
    constant = table.answer.nunique() < 2 or table.score.nunique() < 2  # no rank correlation then
    return {
        "rows": len(table),
        "MAE": float(off.mean()),
        "accuracy": float((off == 0).mean()),
        "within 1": float((off <= 1).mean()),
        "Spearman": float("nan") if constant else float(spearmanr(table.answer, table.score).statistic),
    }

"""Compute the figures of a judge from one line per pair: `kind`, `score` (the rubric's) and `answer` (the judge's)."""

import pandas as pd

from iea.editor.markdown import markdown_table

COLUMNS = ("rows", "MAE", "accuracy", "within 1", "Spearman")


def summary(answers: pd.DataFrame) -> pd.DataFrame:
    """Compare the judge with the two best constants: the most frequent score and the median score.

    Both constants are taken from these rows, so no other constant has a better accuracy or MAE here.
    """
    scores = answers.score
    rows = {
        "judge": answers,
        "always the most frequent": answers.assign(answer=scores.mode().min()),
        "always the median": answers.assign(answer=round(scores.median())),
    }
    return pd.DataFrame([_figures(table) for table in rows.values()], index=list(rows), columns=COLUMNS)


def by_kind(answers: pd.DataFrame) -> pd.DataFrame:
    """Compute the judge's figures for each kind of fault."""
    kinds = {str(kind): table for kind, table in answers.groupby("kind", sort=False)}
    return pd.DataFrame([_figures(table) for table in kinds.values()], index=list(kinds), columns=COLUMNS)


def _figures(table: pd.DataFrame) -> tuple[int, float, float, float, float]:
    from scipy.stats import spearmanr

    off = (table.answer - table.score).abs()
    constant = table.answer.nunique() < 2 or table.score.nunique() < 2  # no rank correlation then
    ranked = float("nan") if constant else float(spearmanr(table.answer, table.score).statistic)
    return len(table), float(off.mean()), float((off == 0).mean()), float((off <= 1).mean()), ranked


def markdown(table: pd.DataFrame, title: str) -> str:
    """Print a table of figures as markdown, with its row names in a first column headed `title`."""
    return markdown_table([title, *table.columns], table.itertuples())

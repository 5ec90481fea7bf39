"""The tables of a comparison: grades, verdicts, strengths and controls, with intervals and tests over photographs."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from math import isnan
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from iea.recipe.evaluation.compare.items import Edits
from iea.recipe.evaluation.compare.verdicts import EQUAL, VERDICTS
from iea.recipe.evaluation.statistics import holm, over_photographs, paired_test, strengths_over_photographs

Titled: TypeAlias = tuple[str, pd.DataFrame]

TITLES = {
    "grades": "**Grades** from 0 to 10, means: SC = min(instruction, preservation), PQ = min(naturalness, artifacts), overall = "
    "sqrt(SC PQ) of each edit; 95 % interval of overall over photographs. A failed item is graded as the untouched original.",
    "differences": "**Overall grades of a minus b**, with 95 % intervals and permutation tests over photographs.",
    "verdicts": "**Verdicts**: both orders of a pair must agree, else it is a tie. Win rate of a, ties as half a win, with "
    "95 % intervals and permutation tests over photographs. Shown first: share of the preferences that went to the first "
    "image, 0.5 without a bias.",
    "strengths": "**Strengths** (Bradley-Terry) in points of Elo: 400 more is 10 times the odds; 95 % intervals over "
    "photographs.",
    "controls": "**Controls**: the original should lose to the reference; a system against itself should tie, and its flips "
    "are preferences for a position.",
    "outcomes": "**Calls** by prompt and outcome.",
}
"""Table -> the line above it."""


def comparison_tables(
    edits: Edits, grades: pd.DataFrame, verdicts: pd.DataFrame, counts: Mapping[tuple[str, str], int]
) -> dict[str, Titled]:
    """Make the tables.

    Parameters
    ----------
    grades : `name`, `photo`, `system`, `failed` and the keys of `grades.grade`; may have no rows
    verdicts : `name`, `photo`, `a`, `b`, `control` and the keys of `verdicts.verdict`; may have no rows
    counts : (prompt, reason, or "" for an answer) -> calls

    Returns
    -------
    key of TITLES -> (title, table); tables without lines are included
    """
    none = pd.DataFrame()
    found = dict.fromkeys(TITLES, none)
    if len(grades):
        found["grades"] = pd.DataFrame(_grade_line(*one) for one in grades.groupby("system", sort=False))
        found["differences"] = _tested(_difference_lines(edits, grades))
    if len(verdicts):
        ours, controls = verdicts[~verdicts.control], verdicts[verdicts.control]
        found["verdicts"] = _tested(_verdict_line(rows, test=True) for _, rows in _pairs(ours))
        found["strengths"] = _strengths(edits.systems, ours)
        found["controls"] = pd.DataFrame(_verdict_line(rows) for _, rows in _pairs(controls))
    lines = [{"prompt": name, "outcome": why or "answered", "calls": calls} for (name, why), calls in counts.items()]
    found["outcomes"] = pd.DataFrame(lines)
    return {name: (TITLES[name], frame) for name, frame in found.items()}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lines as JSON values: JSON has no NaN."""
    lines = frame.to_dict("records")
    return [
        {str(key): None if isinstance(one, float) and isnan(one) else one for key, one in line.items()}
        for line in lines
    ]


def _pairs(verdicts: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    return verdicts.groupby(["a", "b"], sort=False)


def _grade_line(system: object, rows: pd.DataFrame) -> dict[str, Any]:
    columns = ("instruction", "preservation", "SC", "naturalness", "artifacts", "PQ")
    known = rows.dropna(subset="overall")
    overall = over_photographs(known.assign(value=known.overall))
    return {
        "system": system,
        "items": len(rows),
        "failed": int(rows.failed.sum()),
        **{column: float(known[column].mean()) for column in columns},
        "overall": overall.mean,
        "low": overall.low,
        "high": overall.high,
        "no grade": len(rows) - len(known),
    }


def _difference_lines(edits: Edits, grades: pd.DataFrame) -> Iterable[dict[str, Any]]:
    by_system = grades.pivot(index=["name", "photo"], columns="system", values="overall").reset_index()
    for a, b in combinations(edits.systems, 2):
        rows = by_system[["photo"]].assign(value=by_system[a] - by_system[b]).dropna()
        found = over_photographs(rows)
        line = {"a": a, "b": b, "items": len(rows), "photographs": rows.photo.nunique()}
        yield line | {"a - b": found.mean, "low": found.low, "high": found.high, "p": paired_test(rows)}


def _verdict_line(rows: pd.DataFrame, *, test: bool = False) -> dict[str, Any]:
    known = rows[rows.verdict != ""]
    asked = known[known.a_first != EQUAL]
    share = known.assign(value=known.verdict.map(VERDICTS).astype(float))
    found = over_photographs(share)
    first = int((asked.a_first == "a").sum() + (asked.b_first == "b").sum())
    last = int((asked.a_first == "b").sum() + (asked.b_first == "a").sum())
    counts = {heading: int((known.verdict == one).sum()) for heading, one in _COUNTED}
    line = {
        "a": rows.a.iloc[0],
        "b": rows.b.iloc[0],
        "items": len(rows),
        "photographs": known.photo.nunique(),
        **counts,
    }
    line |= {"win rate of a": found.mean, "low": found.low, "high": found.high}
    if test:
        line["p"] = paired_test(share.assign(value=share.value - 0.5))
    return line | {
        "flip rate": float((asked.a_first != asked.b_first).mean()) if len(asked) else np.nan,
        "shown first": first / (first + last) if first + last else np.nan,
        "equal": len(known) - len(asked),
        "no verdict": len(rows) - len(known),
    }


_COUNTED = (("a wins", "a"), ("ties", "tie"), ("b wins", "b"))


def _tested(lines: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a table with the p of all its lines corrected by Holm's method, right after the column p."""
    frame = pd.DataFrame(list(lines))
    if len(frame):
        frame.insert(list(frame.columns).index("p") + 1, "p (Holm)", holm(frame.p))
    return frame


def _strengths(systems: tuple[str, ...], verdicts: pd.DataFrame) -> pd.DataFrame:
    """Estimate the strengths of the systems from their verdicts; a tie is half a win for both."""
    known = verdicts[verdicts.verdict != ""]
    if known.empty:
        return pd.DataFrame()
    photos, place = known.photo.astype("category").cat.codes.to_numpy(), {one: at for at, one in enumerate(systems)}
    a, b, share = known.a.map(place).to_numpy(), known.b.map(place).to_numpy(), known.verdict.map(VERDICTS).to_numpy()
    wins = np.zeros((photos.max() + 1, len(systems), len(systems)))
    np.add.at(wins, (photos, a, b), share)
    np.add.at(wins, (photos, b, a), 1 - share)
    found = strengths_over_photographs(wins)
    columns = {"system": systems, "points": found.points, "low": found.low, "high": found.high}
    return pd.DataFrame(columns).sort_values("points", ascending=False)

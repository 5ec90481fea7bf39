"""Choose the cases of a page: failed, worst and best rows of every system and class of rows."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from iea.recipe.evaluation.system_results import Evaluated

Why: TypeAlias = tuple[str, int]
"""A reason, "failed", "worst" or "best", and the number of the system that it is about."""
REASONS = ("failed", "worst", "best")
RULE = (
    "Of every system and class of rows: the first {count} rows that failed, and of the others the {count} with the lowest and the "
    "{count} with the highest value, that is R_like, of summaries the reward (without a judge ROUGE-L). Of equal values, "
    "the first rows."
)


def choose(systems: Sequence[Evaluated], count: int) -> dict[int, list[Why]]:
    """Choose rows by RULE, at most 3 `count` of each system and class.

    Returns
    -------
    index of a row -> why it was chosen, for which systems; in the order of the indices
    """
    chosen: dict[int, list[Why]] = {}
    for number, system in enumerate(systems):
        for _, rows in system.results.groupby("class"):
            for reason, indices in _extremes(rows, count).items():
                for index in indices:
                    chosen.setdefault(index, []).append((reason, number))
    return dict(sorted(chosen.items()))


def _extremes(rows: pd.DataFrame, count: int) -> Mapping[str, list[int]]:
    failed = rows.failure != ""
    ranked = rows[~failed].sort_index()
    worst = ranked.sort_values("value", kind="stable").index.to_list()[:count]
    others = ranked.drop(worst).sort_values("value", kind="stable", ascending=False)
    first_failed = sorted(rows.index[failed].to_list())[:count]
    return {"failed": first_failed, "worst": worst, "best": others.index.to_list()[:count]}

"""Define a metric: a number of every row, whose mean is a column of the printed tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from iea.reward_fns.weights import Weights


@dataclass(frozen=True)
class Metric:
    """A number of every row.

    name : key in METRICS
    title : heading of the column
    values : results of `iea.recipe.evaluation.evaluate.evaluate` -> the number of each row, NaN where it has none
    better : the better direction, shown as an arrow in the heading
    needs : the key of a score that it is computed from: it applies to the tasks that report this key
    format : format of the printed number
    rank : columns are ordered by rank, then by name
    """

    name: str
    title: str
    values: "Callable[[pd.DataFrame], pd.Series[float]]"
    better: Literal["higher", "lower"]
    needs: str = "score"
    format: str = ".3f"
    rank: int = 50

    @property
    def heading(self) -> str:
        """The title and the better direction, for example "L ↓"."""
        return f"{self.title} {'↑' if self.better == 'higher' else '↓'}"


def weighted(name: str, title: str, weights: Weights, rank: int) -> Metric:
    """Make the metric of the reward of a program under other weights of its terms than those of the training."""
    terms = dict(weights)
    return Metric(
        name,
        title,
        lambda results: results[list(terms)] @ pd.Series(terms),
        better="higher",
        needs=weights[-1][0],
        rank=rank,
    )

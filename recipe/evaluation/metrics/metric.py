"""Define a metric: one number of a table of results, and its column in the printed tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd


@dataclass(frozen=True)
class Metric:
    """A mean or another statistic of the results of a system.

    name : key in METRICS
    title : heading of the column
    value : results of `iea.recipe.evaluation.evaluate.evaluate`, at least one line -> the statistic
    better : the better direction, shown as an arrow in the heading
    format : format of the printed number
    rank : columns are ordered by rank, then by name
    """

    name: str
    title: str
    value: Callable[[pd.DataFrame], float]
    better: Literal["higher", "lower"]
    format: str = ".3f"
    rank: int = 50

    @property
    def heading(self) -> str:
        """The title and the better direction, for example "D ↓"."""
        return f"{self.title} {'↑' if self.better == 'higher' else '↓'}"

"""Define a printed table of one or more runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from iea.recipe.evaluation.results import RunResults


@dataclass(frozen=True)
class Table:
    """One idea, printed as markdown.

    name : key in TABLES
    title : what the table shows and what to look for, one line above it
    build : runs -> the table; text is printed as it is, a float with three decimals. An empty table is not printed
    rank : tables are printed by rank, then by name
    """

    name: str
    title: str
    build: Callable[[Sequence[RunResults]], pd.DataFrame]
    rank: int = 50

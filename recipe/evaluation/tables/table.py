"""Define a printed table of one or more runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from iea.editor.markdown import markdown_table
from iea.editor.plugins import PluginError
from iea.recipe.evaluation.results import RunResults

Line: TypeAlias = Mapping[str, object]
"""Heading -> cell. Text is printed as it is, a float with three decimals."""


@dataclass(frozen=True)
class Table:
    """One idea, printed as markdown.

    name : key in TABLES
    title : the subject of the table and the expected result, one line above it
    lines : runs -> lines; equal lines are printed once, and a table without lines is left out
    rank : tables are printed by rank, then by name
    """

    name: str
    title: str
    lines: Callable[[Sequence[RunResults]], Iterable[Line]]
    rank: int = 50

    def frame(self, runs: Sequence[RunResults]) -> pd.DataFrame:
        """Make the table of these runs. Raises PluginError if its lines are not mappings."""
        lines = self.lines(runs)
        listed = list(lines) if isinstance(lines, Iterable) else [lines]
        if wrong := [line for line in listed if not isinstance(line, Mapping)]:
            raise PluginError(f"the table {self.name} must have lines of heading and cell, got {wrong[0]!r:.60}")
        return pd.DataFrame(listed).drop_duplicates()


def print_frames(titled: Iterable[tuple[str, pd.DataFrame]]) -> str:
    """Print tables as markdown, each under its title; those without rows are left out."""
    return "\n\n".join(
        f"{title}\n\n{markdown_table(frame.columns, frame.itertuples(index=False))}"
        for title, frame in titled
        if len(frame)
    )

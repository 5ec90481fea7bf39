"""Table 3 of the paper: search methods for labels, with the figure of quality against cost."""

import json
from pathlib import Path

from iea.recipe.evaluation.tables.paper.layout import Column, PaperTable, Row, Run, Sources

COLUMNS = (
    Column("R_like", "R_like ↑"),
    Column("R_use", "R_use ↑"),
    Column("tools", "tools", ".1f"),
    Column("evaluations", "evaluations ↓", ".0f"),
    Column("ms", "ms ↓", ".0f"),
    Column("R_like_at_cost", "R_like at FastSearch's cost ↑"),
    Column("R_use_at_cost", "R_use at FastSearch's cost ↑"),
)


def ours(sources: Sources) -> list[Row]:
    """Return a row of every search method.

    Raises
    ------
    ValueError : the folder has no search.json
    """
    if sources.search is None:
        return []
    path = sources.search / "search.json"
    if not path.is_file():
        raise ValueError(f"{sources.search} must have search.json; run iea data compare-methods --out {sources.search}")
    found = json.loads(path.read_text(encoding="utf-8"))
    run = Run.of(path, found["pairs"])
    return [Row(name, {one.key: cells[one.key] for one in COLUMNS}, run) for name, cells in found["means"].items()]


def figure(sources: Sources) -> Path | None:
    """Return the plot that the comparison of search methods drew."""
    path = sources.search and sources.search / "search.png"
    return path if path and path.is_file() else None


TABLE = PaperTable(
    "table3",
    "Table 3: search methods, from the program of a teacher with errors, means over pairs. An evaluation is a program that "
    "is rendered. The pairs of our rows are rendered ones that the tools can express, not those of the paper.",
    COLUMNS,
    ours,
    figure,
)

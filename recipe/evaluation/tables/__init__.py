"""Collect the tables of a report: one file each, found by its `TABLE`."""

from collections.abc import Mapping, Sequence

from iea.editor.plugins import collect
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables.table import Table, print_frames

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in sorted(collect(__name__, "TABLE", Table).values(), key=lambda table: (table.rank, table.name))
}
"""name -> table, in the order of a report."""


def print_tables(runs: Sequence[RunResults]) -> str:
    """Print every table that has rows, each under its title, as markdown."""
    return print_frames((table.title, table.frame(runs)) for table in TABLES.values())

"""Collect the tables of a report: one file each. To add a table, add a file with a `TABLE`."""

from collections.abc import Mapping, Sequence

from iea.editor.catalogue import collect
from iea.editor.markdown import markdown_table
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables.table import Table

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in sorted(collect(__name__, "TABLE", Table).values(), key=lambda table: (table.rank, table.name))
}
"""name -> table, in the order of a report."""


def print_tables(runs: Sequence[RunResults]) -> str:
    """Print every table that has rows, each under its title, as markdown."""
    built = [(table.title, table.build(runs)) for table in TABLES.values()]
    return "\n\n".join(
        f"{title}\n\n{markdown_table(frame.columns, frame.itertuples(index=False))}"
        for title, frame in built
        if len(frame)
    )

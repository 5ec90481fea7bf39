"""Format Markdown tables: the one function for every table of the project."""

from collections.abc import Iterable
from math import isnan


def markdown_table(columns: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a table.

    pandas' `to_markdown` would need tabulate, which reads "+0.500" as a number and prints 0.5.

    Parameters
    ----------
    columns : headings
    rows : cells, as many in each row as there are columns. A float is printed with three decimals, NaN as an empty
        cell, every other value by `str`, in one line and with its bars escaped

    Examples
    --------
    >>> print(markdown_table(["method", "R_like", "calls"], [["greedy", 0.25, 12], ["none", float("nan"), 0]]))
    | method | R_like | calls |
    |---|---|---|
    | greedy | 0.250 | 12 |
    | none |  | 0 |
    """
    heading = list(columns)
    lines = [f"| {' | '.join(map(_cell, row))} |" for row in (heading, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heading), *lines[1:]])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3f}"
    return " ".join(str(value).splitlines()).replace("|", r"\|")

"""Write markdown tables; every table of the project is printed by this one function."""

from collections.abc import Iterable
from math import isnan


def markdown_table(columns: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Write a table.

    pandas' `to_markdown` would need tabulate, which reads "+0.500" as a number and prints 0.5.

    Parameters
    ----------
    columns : headings
    rows : cells, as many in each row as there are columns. A float is printed with three decimals, NaN as an empty
        cell, every other value by `str`

    Examples
    --------
    >>> print(markdown_table(["method", "R_like", "calls"], [["greedy", 0.25, 12], ["none", float("nan"), 0]]))
    | method | R_like | calls |
    |---|---|---|
    | greedy | 0.250 | 12 |
    | none |  | 0 |
    """
    heading = [str(column) for column in columns]
    body = [[_cell(value) for value in row] for row in rows]
    lines = [_line(heading), "|" + "---|" * len(heading), *map(_line, body)]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3f}"
    return str(value)

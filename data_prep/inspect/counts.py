"""Count the rows of any table of data preparation."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from iea.data_prep.inspect.row_view import row_views
from iea.editor import TOOLS

COLUMNS = ("kind", "origin", "persona", "split")


@dataclass
class Counts:
    """Counts of one table.

    counts : column -> value -> rows
    values : tool -> its value in every program that uses it
    tools_per_program : number of tools -> programs
    chars : "prompt", "answer" -> lengths in characters
    scores : kind -> scores
    """

    table: str
    rows: int = 0
    photos: set[str] = field(default_factory=set)
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in COLUMNS})
    values: dict[str, list[int]] = field(default_factory=lambda: {tool: [] for tool in TOOLS})
    tools_per_program: Counter[int] = field(default_factory=Counter)
    chars: dict[str, list[int]] = field(default_factory=lambda: {"prompt": [], "answer": []})
    scores: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def count_rows(path: Path) -> Counts:
    """Read a table and count its rows.

    Raises
    ------
    ValueError : `path` is not a table of data preparation
    """
    name, rows = row_views(path)
    counted = Counts(name)
    for row in rows:
        counted.rows += 1
        if row.photo:
            counted.photos.add(row.photo)
        for column in COLUMNS:
            counted.counts[column][getattr(row, column)] += 1
        if row.program is not None:
            counted.tools_per_program[len(row.program)] += 1
            for tool, value in row.program.items():
                counted.values[tool].append(value)
        counted.chars["prompt"].append(row.prompt_chars)
        counted.chars["answer"].append(row.answer_chars)
        if row.score is not None:
            counted.scores[row.kind].append(row.score)
    return counted

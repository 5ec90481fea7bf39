"""Write the tables of the paper as Markdown, LaTeX and JSON."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from iea.data_prep.files import write_json, write_text
from iea.editor.io import replacing
from iea.editor.markdown import markdown_table
from iea.recipe.evaluation.latex import latex_table
from iea.recipe.evaluation.tables.paper import PAPER_TABLES
from iea.recipe.evaluation.tables.paper.layout import Column, Filled, Row, Run, Sources

MARKDOWN_FILE, JSON_FILE = "paper_tables.md", "paper_tables.json"
MARK = "†"
DIGITS = 12  # of a digest in a table; the whole one is below it


def filled(sources: Sources, out: Path | None = None) -> list[Filled]:
    """Return the tables that have rows of ours; their figures are copied to `out`. Raises ValueError, OSError: of a source."""
    tables = []
    for table in PAPER_TABLES.values():
        if ours := table.ours(sources):
            figure = table.figure(sources) if out else None
            if figure and out:
                with replacing(out / figure.name) as partial:
                    shutil.copyfile(figure, partial)
            tables.append(Filled(table, ours, figure.name if figure else ""))
    return tables


def write_tables(sources: Sources, out: Path | None) -> str:
    """Return the tables as Markdown; write MARKDOWN_FILE, JSON_FILE and a LaTeX file of each table to `out`.

    Raises
    ------
    ValueError, OSError : a source cannot be used, or a file cannot be written
    """
    tables = filled(sources, out)
    text = "\n\n".join(map(as_markdown, tables))
    if out is not None:
        for one in tables:
            write_text(out / f"{one.table.name}.tex", as_latex(one))
        write_json(out / JSON_FILE, {one.table.name: one.as_dict() for one in tables})
        write_text(out / MARKDOWN_FILE, text + "\n")
    return text


def as_markdown(filled: Filled) -> str:
    """Return a table as Markdown: the paper's rows, ours, and notes on where they are from."""
    number, _, subject = filled.table.title.partition(": ")
    blocks = [f"**{number}**: {subject}", markdown_table(_headings(filled), [*_paper(filled), *_ours(filled)])]
    if filled.figure:
        blocks.append(f"![quality against cost]({filled.figure})")
    return "\n\n".join([*blocks, "\n".join(f"- {note}" for note in _notes(filled))])


def as_latex(filled: Filled) -> str:
    """Return a table as LaTeX, with the notes below it."""
    groups = _paper(filled), _ours(filled)
    table = filled.table
    return latex_table(
        table.name, table.title.partition(": ")[2], _headings(filled), groups, list(_notes(filled)), filled.figure
    )


def _headings(filled: Filled) -> list[str]:
    return ["", "from", *(column.heading for column in filled.table.columns)]


def _cells(columns: Sequence[Column], cells: Mapping[str, float], mark: str = "") -> list[str]:
    return [format(cells[one.key], one.format) + mark if one.key in cells else "–" for one in columns]


def _paper(filled: Filled) -> list[list[str]]:
    """Return the paper's rows; a value that is quoted at second hand has a MARK."""
    columns, rows = filled.table.columns, filled.table.printed.rows
    return [[one.label, "the paper", *_cells(columns, one.cells, MARK if one.second_hand else "")] for one in rows]


def _ours(filled: Filled) -> list[list[str]]:
    columns = filled.table.columns
    return [[one.label, f"ours, {one.run.sha256[:DIGITS]}", *_cells(columns, one.cells)] for one in filled.ours]


def _notes(filled: Filled) -> Iterator[str]:
    """Yield the sources of the paper's values, its unknown ones, our files, and the reasons of our missing cells."""
    printed = filled.table.printed
    for one in printed.rows:
        yield f"{one.label}, the paper{', at second hand (' + MARK + ')' if one.second_hand else ''}: {one.source}."
    yield f"Not known of the paper, and left out: {printed.unknown}."
    for run, labels in _runs(filled.ours).items():
        rows = "" if run.rows is None else f", {run.rows} rows"
        yield f"{', '.join(labels)}: {run.file}{rows}, sha256 {run.sha256}."
    headings = {one.key: one.heading for one in filled.table.columns}
    for (reason, keys), labels in _missing(filled.ours).items():
        whose = "" if len(labels) == len(filled.ours) else f" of {', '.join(labels)}"
        yield f"Not computed{whose}: {', '.join(headings[key] for key in keys)}: {reason}."


def _runs(rows: Sequence[Row]) -> dict[Run, list[str]]:
    found: dict[Run, list[str]] = {}
    for row in rows:
        found.setdefault(row.run, []).append(row.label)
    return found


def _missing(rows: Sequence[Row]) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Return (reason, keys of the columns) -> labels."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row in rows:
        for reason in dict.fromkeys(row.missing.values()):
            keys = tuple(key for key, other in row.missing.items() if other == reason)
            found.setdefault((reason, keys), []).append(row.label)
    return found

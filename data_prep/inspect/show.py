"""Draw a contact sheet of the rows in a parquet file: images, requests and answers.

    iea data show OUT/stage3/train.parquet --out sheet.png --limit 12

Reads any table, see iea.data_prep.inspect.row_view. Rows are drawn by the seed, in turns from every kind, origin and persona.
"""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import zip_longest
from pathlib import Path

import numpy as np

from iea.data_prep.files import refuse_overwriting
from iea.data_prep.inspect.contact_sheet import ACCENT, PALE, Line, SheetRow, draw_sheet
from iea.data_prep.inspect.row_view import RowView, row_views
from iea.editor import Image, Program
from iea.editor.io import write_image

MOST_SHOWN = 1000


def choose(rows: Iterator[RowView], count: int, seed: int) -> list[RowView]:
    """Draw `count` rows at random, in turns from every (kind, origin, persona), sorted by these.

    At most 4 `count` rows of each are in memory.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[tuple[str, str, str], list[tuple[float, int, RowView]]] = {}
    for number, row in enumerate(rows):
        kept = drawn.setdefault((row.kind, row.origin, row.persona), [])
        kept.append((float(rng.random()), number, row))
        if len(kept) > 4 * count:
            kept[:] = nsmallest(count, kept)
    ordered = [sorted(drawn[key]) for key in sorted(drawn)]
    turns = [(key, row) for turn in zip_longest(*ordered) for key, row in enumerate(turn) if row is not None]
    return [row for _, (_, _, row) in sorted(turns[:count], key=lambda pair: pair[0])]


def sheet(rows: list[RowView]) -> Image:
    """Draw the contact sheet of these rows, (H, W, 3) uint8."""
    return draw_sheet([SheetRow(_lines(row), _images(row)) for row in rows])


def _images(row: RowView) -> list[tuple[str, str | bytes]]:
    named: tuple[tuple[str, str | bytes], ...]
    named = (("original", row.original), ("previous result", row.previous), ("reference", row.reference))
    return [(title, path) for title, path in named if path]


def _lines(row: RowView) -> list[Line]:
    """Return the text of a row by paragraphs."""
    head = " / ".join(word for word in (row.kind, row.origin, row.persona, row.split) if word)
    lines = [Line(head, ACCENT), Line(row.name or row.photo, PALE)]
    if row.score is not None:
        pair = (f"Reference: {row.request}", f"Prediction: {row.answer or '(nothing)'}", f"Score: {row.score}")
        return [*lines, *map(Line, pair)]
    lines.append(Line(f"Request: {row.request or '(none)'}"))
    if row.rationale:
        lines.append(Line(f"Rationale: {row.rationale}", PALE))
    if row.program is not None:
        lines.append(Line(described(row.program), ACCENT))
    if row.answer:
        lines.append(Line(f"Answer: {row.answer}"))
    return lines


def described(program: Program) -> str:
    """Return a program in words, such as "exposure +20, tint -35"; "no edit" without tools."""
    return ", ".join(f"{tool} {value:+d}" for tool, value in program.items()) or "no edit"


def show(file: Path, out: Path, limit: int = 12, seed: int = 0) -> str:
    """Draw a contact sheet of at most `limit` rows of a table. Returns a line about its content.

    Raises
    ------
    ValueError : the file cannot be shown, has no rows, or is `out`
    """
    if limit > MOST_SHOWN:
        raise ValueError(
            f"--limit must be at most {MOST_SHOWN} rows, got {limit}: a longer sheet does not fit in memory"
        )
    refuse_overwriting(out, file)
    name, found = row_views(file)
    chosen = choose(found, limit, seed)
    if not chosen:
        raise ValueError(f"{str(file)!r} must hold rows to show, got none")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_image(out, sheet(chosen))
    return f"{out}: {len(chosen)} rows of {name}"

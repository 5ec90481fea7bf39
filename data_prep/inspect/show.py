"""A contact sheet of the rows in a parquet file: pictures, what was asked, what is answered.

    iea data show OUT/stage3/train.parquet --out sheet.png --rows 12

Reads any table, see iea.data_prep.inspect.row_view. Rows are drawn by the seed, in turns from every kind, origin and persona.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import zip_longest
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from iea.data_prep.inspect.row_view import Glimpse, glimpses
from iea.editor import Image, Program
from iea.editor.io import read_image, write_image

BOX = (340, 255)  # px, width and height that a picture is fitted into
MARGIN, TEXT_WIDTH = 16, 420
SIZE, LINE = 15, 20  # px, of letters and from line to line
SMALL = 13
PAPER, INK, PALE, RULE = (238, 238, 238), (30, 30, 30), (105, 105, 105), (205, 205, 205)
ACCENT = (25, 85, 150)
MOST_LINES, MOST_CHARS = 6, 1000  # of a text; a thought can be a page


@dataclass(frozen=True)
class _Line:
    text: str
    colour: tuple[int, int, int]


def choose(rows: Iterator[Glimpse], count: int, seed: int) -> list[Glimpse]:
    """`count` rows in turns from every (kind, origin, persona), drawn by chance from each; sorted by these.

    Memory is for `count` rows of each alone.
    """
    rng = np.random.default_rng(seed)
    drawn: dict[tuple[str, str, str], list[tuple[float, int, Glimpse]]] = {}
    for number, row in enumerate(rows):
        kept = drawn.setdefault((row.kind, row.origin, row.persona), [])
        kept.append((float(rng.random()), number, row))
        if len(kept) > 4 * count:
            kept[:] = nsmallest(count, kept)
    ordered = [sorted(drawn[key]) for key in sorted(drawn)]
    turns = [(key, row) for turn in zip_longest(*ordered) for key, row in enumerate(turn) if row is not None]
    return [row for _, (_, _, row) in sorted(turns[:count], key=lambda pair: pair[0])]


def sheet(rows: list[Glimpse]) -> Image:
    """The contact sheet, (H, W, 3) uint8."""
    pictures = [[(title, _thumbnail(path)) for title, path in _pictures(row)] for row in rows]
    texts = [_wrapped(_lines(row)) for row in rows]
    widest = max(sum(picture.width + MARGIN for _, picture in shown) for shown in pictures)
    width = MARGIN + TEXT_WIDTH + MARGIN + widest
    heights = [
        2 * MARGIN + max([LINE * len(lines), *(LINE + picture.height for _, picture in shown)])
        for lines, shown in zip(texts, pictures, strict=True)
    ]
    page = PillowImage.new("RGB", (width, sum(heights)), PAPER)
    draw = ImageDraw.Draw(page)
    top = 0
    for shown, lines, height in zip(pictures, texts, heights, strict=True):
        _draw_row(page, draw, shown, lines, top + MARGIN)
        top += height
        draw.line((MARGIN, top - 1, width - MARGIN, top - 1), RULE)
    return np.asarray(page)


def _draw_row(
    page: PillowImage.Image,
    draw: ImageDraw.ImageDraw,
    shown: list[tuple[str, PillowImage.Image]],
    lines: list[_Line],
    top: int,
) -> None:
    """The text, and to the right of it the pictures side by side, each under its title."""
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + number * LINE), line.text, line.colour, _font(SIZE))
    place = MARGIN + TEXT_WIDTH + MARGIN
    for title, picture in shown:
        draw.text((place, top), title, PALE, _font(SMALL))
        page.paste(picture, (place, top + LINE))
        place += picture.width + MARGIN


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _pictures(row: Glimpse) -> list[tuple[str, str]]:
    named = (("original", row.original), ("previous result", row.previous), ("reference", row.reference))
    return [(title, path) for title, path in named if path]


def _thumbnail(path: str) -> PillowImage.Image:
    """The picture fitted into the box; a note where there is none to read."""
    try:
        image = read_image(path)
    except (OSError, ValueError):
        missing = PillowImage.new("RGB", BOX, RULE)
        ImageDraw.Draw(missing).text((12, 12), f"cannot be read:\n{Path(path).name}", PALE, _font(SMALL))
        return missing
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    picture = PillowImage.fromarray(image)
    scale = min(BOX[0] / picture.width, BOX[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)


def _lines(row: Glimpse) -> list[_Line]:
    """What the row says, a paragraph a line."""
    head = " / ".join(word for word in (row.kind, row.origin, row.persona, row.split) if word)
    lines = [_Line(head, ACCENT), _Line(row.name or row.photo, PALE)]
    if row.score is not None:
        pair = (f"Meant: {row.asked}", f"Understood: {row.answered or '(nothing)'}", f"Score: {row.score}")
        return [*lines, *(_Line(text, INK) for text in pair)]
    if row.kind == "refine":
        lines.append(_Line(f"First asked: {row.first or '(nothing in particular)'}", PALE))
    if row.kind != "summary":
        lines.append(_Line(f"Asked: {row.asked or '(nothing in particular)'}", INK))
    if row.thought:
        lines.append(_Line(f"Thought: {row.thought}", PALE))
    if row.program is not None:
        lines.append(_Line(described(row.program), ACCENT))
    if row.answered:
        lines.append(_Line(f"Answered: {row.answered}", INK))
    return lines


def described(program: Program) -> str:
    """ "exposure +20, tint -35"; of no tools, "no edit"."""
    return ", ".join(f"{tool} {value:+d}" for tool, value in program.items()) or "no edit"


def _wrapped(lines: list[_Line]) -> list[_Line]:
    """Lines that fit the width, a text's first few."""
    font, fitted = _font(SIZE), []
    for line in lines:
        broken = _broken(" ".join(line.text.split())[:MOST_CHARS], font)
        if len(broken) > MOST_LINES:
            broken = [*broken[: MOST_LINES - 1], "..."]
        fitted += [_Line(text, line.colour) for text in broken]
    return fitted


def _broken(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Words put on a line while they fit; a word too long for any line is cut."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        joined = f"{current} {word}".strip()
        if font.getlength(joined) <= TEXT_WIDTH:
            current = joined
            continue
        if current:
            lines.append(current)
        while font.getlength(word) > TEXT_WIDTH:
            fits = next(n for n in range(1, len(word)) if font.getlength(word[: n + 1]) > TEXT_WIDTH)
            lines.append(word[:fits])
            word = word[fits:]
        current = word
    return [*lines, current] if current else lines


def show(file: Path, out: Path, limit: int = 12, seed: int = 0) -> str:
    """Draw a contact sheet of at most `limit` rows of a table. Returns what it shows, in a line.

    Raises
    ------
    ValueError : the file is not a table of data preparation, or has no rows
    """
    name, found = glimpses(file)
    chosen = choose(found, limit, seed)
    if not chosen:
        raise ValueError(f"{str(file)!r} must hold rows to show, got none")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_image(out, sheet(chosen))
    return f"{out}: {len(chosen)} rows of {name}"

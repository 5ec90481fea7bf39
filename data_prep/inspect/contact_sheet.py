"""Draw a contact sheet: one row per example, its text at the left and its images side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image
from iea.editor.io import read_image

BOX = (340, 255)  # px, width and height that an image is fitted into
MARGIN, TEXT_WIDTH = 16, 420
SIZE, LEADING = 15, 20  # px, of letters and from line to line
SMALL = 13
PAPER, INK, PALE, RULE = (238, 238, 238), (30, 30, 30), (105, 105, 105), (205, 205, 205)
ACCENT = (25, 85, 150)
MAX_LINES, MAX_CHARS = 6, 1000  # per paragraph; a rationale can be a page long

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Line:
    """A paragraph of the text."""

    text: str
    colour: tuple[int, int, int] = INK


@dataclass(frozen=True)
class SheetRow:
    """One row of the sheet.

    lines : paragraphs, wrapped and cut to MAX_LINES
    panels : (title, image) from left to right; an image is a path or an array
    """

    lines: Sequence[Line]
    panels: Sequence[tuple[str, str | Image]]


def draw_sheet(rows: Sequence[SheetRow]) -> Image:
    """Draw the sheet.

    Parameters
    ----------
    rows : at least one. A note takes the place of an image that cannot be read

    Returns
    -------
    (H, W, 3) uint8, as wide as its widest row
    """
    panels = [[(title, _thumbnail(image)) for title, image in row.panels] for row in rows]
    texts = [_wrapped(row.lines) for row in rows]
    widest = max(sum(picture.width + MARGIN for _, picture in shown) for shown in panels)
    width = MARGIN + TEXT_WIDTH + MARGIN + widest
    heights = [
        2 * MARGIN + max([LEADING * len(lines), *(LEADING + picture.height for _, picture in shown)])
        for lines, shown in zip(texts, panels, strict=True)
    ]
    page = PillowImage.new("RGB", (width, sum(heights)), PAPER)
    draw = ImageDraw.Draw(page)
    top = 0
    for shown, lines, height in zip(panels, texts, heights, strict=True):
        _draw_row(page, draw, shown, lines, top + MARGIN)
        top += height
        draw.line((MARGIN, top - 1, width - MARGIN, top - 1), RULE)
    return np.asarray(page)


def _draw_row(
    page: PillowImage.Image,
    draw: ImageDraw.ImageDraw,
    shown: list[tuple[str, PillowImage.Image]],
    lines: list[Line],
    top: int,
) -> None:
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + number * LEADING), line.text, line.colour, _font(SIZE))
    left = MARGIN + TEXT_WIDTH + MARGIN
    for title, picture in shown:
        draw.text((left, top), title, PALE, _font(SMALL))
        page.paste(picture, (left, top + LEADING))
        left += picture.width + MARGIN


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _thumbnail(image: str | Image) -> PillowImage.Image:
    """Fit an image into the box."""
    try:
        pixels = read_image(image) if isinstance(image, str) else image
    except (OSError, ValueError):
        missing = PillowImage.new("RGB", BOX, RULE)
        note = f"cannot be read:\n{Path(str(image)).name}"
        ImageDraw.Draw(missing).text((12, 12), note, PALE, _font(SMALL))
        return missing
    picture = PillowImage.fromarray(to_8_bits(pixels))
    scale = min(BOX[0] / picture.width, BOX[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)


def _wrapped(lines: Sequence[Line]) -> list[Line]:
    """Wrap paragraphs to the text width; a long one ends in dots."""
    font, wrapped = _font(SIZE), []
    for line in lines:
        broken = _broken(" ".join(line.text.split())[:MAX_CHARS], font)
        if len(broken) > MAX_LINES:
            broken = [*broken[: MAX_LINES - 1], "..."]
        wrapped += [Line(text, line.colour) for text in broken]
    return wrapped


def _broken(text: str, font: Font) -> list[str]:
    """Break a text between words; a word that is too long for a line is cut."""
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

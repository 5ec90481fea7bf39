"""Draw a contact sheet: one row per example, its text at the left and its images side by side."""

import base64
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
MAX_NAME = 40  # characters of a file's name
MAX_LINES, MAX_CHARS = 6, 1000  # per paragraph; a rationale can be a page long


@dataclass(frozen=True)
class Line:
    """A paragraph of the text."""

    text: str
    color: tuple[int, int, int] = INK


@dataclass(frozen=True)
class SheetRow:
    """One row of the sheet.

    lines : paragraphs, wrapped and cut to MAX_LINES
    panels : (title, image) from left to right; an image is a path, the bytes of a file, or an array
    """

    lines: Sequence[Line]
    panels: Sequence[tuple[str, str | bytes | Image]]


def draw_sheet(rows: Sequence[SheetRow]) -> Image:
    """Draw the sheet.

    Parameters
    ----------
    rows : at least one. A note takes the place of an image that cannot be read

    Returns
    -------
    (H, W, 3) uint8, as wide as its widest row
    """
    font, small = ImageFont.load_default(SIZE), ImageFont.load_default(SMALL)
    panels = [[(title, _thumbnail(image)) for title, image in row.panels] for row in rows]
    texts = [_wrapped(row.lines) for row in rows]
    left = MARGIN + TEXT_WIDTH + MARGIN
    width = left + max(sum(image.width + MARGIN for _, image in shown) for shown in panels)
    heights = [
        2 * MARGIN + max([LEADING * len(lines), *(LEADING + image.height for _, image in shown)])
        for lines, shown in zip(texts, panels, strict=True)
    ]
    page = PillowImage.new("RGB", (width, sum(heights)), PAPER)
    draw = ImageDraw.Draw(page)
    top = 0
    for shown, lines, height in zip(panels, texts, heights, strict=True):
        for number, line in enumerate(lines):
            draw.text((MARGIN, top + MARGIN + number * LEADING), line.text, line.color, font)
        place = left
        for title, image in shown:
            draw.text((place, top + MARGIN), title, PALE, small)
            page.paste(image, (place, top + MARGIN + LEADING))
            place += image.width + MARGIN
        top += height
        draw.line((MARGIN, top - 1, width - MARGIN, top - 1), RULE)
    return np.asarray(page)


def _thumbnail(image: str | bytes | Image) -> PillowImage.Image:
    """Fit an image into the box."""
    try:
        if isinstance(image, str) and image.startswith("data:"):
            image = base64.b64decode(image.partition(",")[2])
        pixels = _decoded(image) if isinstance(image, bytes) else read_image(image) if isinstance(image, str) else image
    except Exception:  # noqa: BLE001 - a damaged image of any kind is shown as such
        missing = PillowImage.new("RGB", BOX, RULE)
        named = Path(image).name[:MAX_NAME] if isinstance(image, str) else f"{len(image)} bytes"
        note = f"cannot be read:\n{named}"
        ImageDraw.Draw(missing).text((12, 12), note, PALE, ImageFont.load_default(SMALL))
        return missing
    full = PillowImage.fromarray(to_8_bits(pixels))
    scale = min(BOX[0] / full.width, BOX[1] / full.height)
    size = max(1, round(full.width * scale)), max(1, round(full.height * scale))
    return full.resize(size, PillowImage.Resampling.LANCZOS, reducing_gap=3.0)


def _decoded(file: bytes) -> Image:
    """Decode the bytes of a file, as the tables of other projects hold them: for display, without color management."""
    with warnings.catch_warnings(), PillowImage.open(io.BytesIO(file)) as opened:
        warnings.simplefilter("ignore")
        pixels: Image = np.asarray(opened.convert("RGB"))
    return pixels


def _wrapped(lines: Sequence[Line]) -> list[Line]:
    """Wrap paragraphs to the text width; a long one ends in dots."""
    wrapped = []
    for line in lines:
        broken = _broken(" ".join(line.text.split())[:MAX_CHARS])
        if len(broken) > MAX_LINES:
            broken = [*broken[: MAX_LINES - 1], "..."]
        wrapped += [Line(text, line.color) for text in broken]
    return wrapped


def _broken(text: str) -> list[str]:
    """Break a text between words; a word that is too long for a line is cut."""
    font = ImageFont.load_default(SIZE)
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

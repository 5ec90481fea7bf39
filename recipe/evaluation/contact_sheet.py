"""Draw a contact sheet of the staircase: original, the edit of every stage, reference, with request and programs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image, ProgramError, render
from iea.editor.io import read_image, write_image
from iea.editor.program import Program
from iea.reward_fns.parse import parse_answer

SHOWN = 6  # photographs
BOX = (256, 256)  # px, width and height that an image is fitted into
GAP, MARGIN = 12, 20
SIZE, LEADING = 20, 26  # px: 13 px where the sheet is shown 900 px wide
PAPER, INK, PALE = (250, 250, 250), (25, 25, 25), (95, 95, 95)


def contact_sheet(stages: Sequence[tuple[str, pd.DataFrame]], out: Path, shown: int = SHOWN) -> int:
    """Draw the first row of each of the first photographs, in the order of the file, for any reward.

    Parameters
    ----------
    stages : title and results of each stage, of the same rows, which ask for programs
    out : JPEG or PNG to write
    shown : photographs, at most

    Returns
    -------
    photographs on the sheet
    """
    first = stages[0][1]
    chosen = first.drop_duplicates("photo")[:shown]
    strips = [
        _strip(row, [(title, results.set_index("index").loc[row["index"]]) for title, results in stages])
        for _, row in chosen.iterrows()
    ]
    sheet = PillowImage.new("RGB", (strips[0].width, sum(strip.height for strip in strips) + MARGIN), PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height
    write_image(out, np.asarray(sheet))
    return len(strips)


def _strip(row: pd.Series, answers: Sequence[tuple[str, pd.Series]]) -> PillowImage.Image:
    """Draw one row: the request above, the images with their titles, the programs below."""
    original = read_image(row.original)
    panels: list[tuple[str, list[str], Image]] = [("original", [], original)]
    for title, answer in answers:
        program = _program(answer.answer)
        caption = _lines(program) if program else ["no program"]
        edited = render(original, program) if program else original
        panels.append((f"{title}, reward {answer.score:.2f}", caption, edited))
    panels.append(("reference", _lines(Program.from_json(row.program)), read_image(row.reference)))
    images = [_fitted(image) for *_, image in panels]
    font, bold = ImageFont.load_default(SIZE), ImageFont.load_default(SIZE + 3)
    width = 2 * MARGIN + len(panels) * BOX[0] + (len(panels) - 1) * GAP
    request = _wrapped(f"“{' '.join(row.instruction.split())}”", bold, width - 2 * MARGIN)
    tall = max(image.height for image in images)
    below = max(len(caption) for _, caption, _ in panels)
    strip = PillowImage.new("RGB", (width, MARGIN + LEADING * (len(request) + below + 1) + tall + 2 * GAP), PAPER)
    draw = ImageDraw.Draw(strip)
    for number, line in enumerate(request):
        draw.text((MARGIN, MARGIN + number * LEADING), line, INK, bold)
    top = MARGIN + len(request) * LEADING + GAP // 2
    for place, ((title, caption, _), image) in enumerate(zip(panels, images, strict=True)):
        left = MARGIN + place * (BOX[0] + GAP)
        strip.paste(image, (left, top))
        for number, line in enumerate([title, *caption]):
            color = INK if number == 0 else PALE
            draw.text((left, top + tall + GAP // 2 + number * LEADING), line, color, font)
    return strip


def _lines(program: Program) -> list[str]:
    """Return a line per tool: name and value."""
    return [f"{tool.replace('_', ' ')} {value:+d}" for tool, value in program.items()]


def _program(answer: str) -> Program | None:
    try:
        return parse_answer(answer)
    except ProgramError:
        return None


def _fitted(image: Image) -> PillowImage.Image:
    full = PillowImage.fromarray(to_8_bits(image))
    scale = min(BOX[0] / full.width, BOX[1] / full.height)
    size = max(1, round(full.width * scale)), max(1, round(full.height * scale))
    return full.resize(size, PillowImage.Resampling.LANCZOS)


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        lines[-1:] = [joined] if font.getlength(joined) <= width else [lines[-1], word]
    return lines

"""Draw contact sheets of the tools: every tool at -100 to 100 on photographs, and programs of extreme values."""

import io
from pathlib import Path

import numpy as np
from photographs import photographs, shrunk
from PIL import Image as Pillow
from PIL import ImageDraw

from iea.editor import TOOLS, Image, render
from iea.editor.io import replacing

STRENGTHS = (-100, -50, -20, 0, 20, 50, 100)
SHOWN = (0, 3, 5, 6)  # flower, china, astronaut, chelsea
SIDE = 260
OVERVIEW = (-100, -50, 0, 50, 100)
SMALL = 128  # px, longer side of the sheet of all tools for the docs
MIDDLE = 150  # px, the same of the piles
DRAWN = 3  # times the shown size: sharpness and grain have a size in pixels below 384, so they would look too coarse
LINE = 12  # px, height of a line of a title
MOST_BYTES = 400_000  # of a sheet for the docs
PILES = (
    {"exposure": 100, "contrast": 100, "saturation": 100},
    {"temperature": 100, "saturation": 100, "vibrance": 100},
    {"contrast": 100, "natural_contrast": 100, "saturation": 100, "sharpness": 100},
    {"exposure": -100, "shadows": 100, "vibrance": 100},
    {"exposure": -50, "brightness": 52, "whites": 100},
)


def draw_sheets(out: Path) -> None:
    """Write a JPEG of every tool into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    images = [shrunk(photographs()[number], SIDE) for number in SHOWN]
    for name, tool in TOOLS.items():
        strengths = [value for value in STRENGTHS if value >= tool.low]
        rows = [[(f"{name} {value}", render(image, {name: value})) for value in strengths] for image in images]
        _sheet(rows).save(out / f"{name}.jpg", quality=92)


def draw_docs(out: Path) -> None:
    """Write tools.jpg, half a row per tool, and piles.jpg, each of at most MOST_BYTES, into the folder `out`."""
    face = shrunk(photographs()[SHOWN[2]], DRAWN * SMALL)
    rows = [
        [(f"{name} {value}", _reduced(render(face, {name: value}))) for value in OVERVIEW if value >= tool.low]
        for name, tool in TOOLS.items()
    ]
    half = len(rows) // 2
    _save(_sheet([a + b for a, b in zip(rows[:half], rows[half:], strict=True)]), out / "tools.jpg")
    images = [shrunk(photographs()[number], DRAWN * MIDDLE) for number in SHOWN]
    piles = [
        [("" if below else _title(pile), _reduced(render(image, pile))) for pile in ({}, *PILES)]
        for below, image in enumerate(images)
    ]
    _save(_sheet(piles), out / "piles.jpg")


def _reduced(image: Image) -> Image:
    return np.asarray(Pillow.fromarray(image).reduce(DRAWN))


def _save(sheet: Pillow.Image, path: Path) -> None:
    """Write a JPEG of the best quality within MOST_BYTES."""
    for quality in range(90, 40, -5):
        stored = io.BytesIO()
        sheet.save(stored, "JPEG", quality=quality)
        if stored.tell() <= MOST_BYTES:
            break
    with replacing(path) as partial:
        partial.write_bytes(stored.getvalue())


def _title(program: dict[str, int]) -> str:
    return "\n".join(f"{name} {value}" for name, value in program.items()) or "original"


def _sheet(rows: list[list[tuple[str, Image]]]) -> Pillow.Image:
    """Draw rows of titled images side by side."""
    lines = []
    for row in rows:
        head = LINE * max(len(title.splitlines()) for title, _ in row) + 2
        height = max(image.shape[0] for _, image in row) + head
        line = Pillow.new("RGB", (sum(image.shape[1] + 4 for _, image in row), height), "white")
        draw, left = ImageDraw.Draw(line), 0
        for title, image in row:
            line.paste(Pillow.fromarray(image), (left, head))
            draw.text((left + 2, 0), title, fill="black", spacing=1)
            left += image.shape[1] + 4
        lines.append(np.asarray(line))
    width = max(line.shape[1] for line in lines)
    padded = [np.pad(line, ((0, 4), (0, width - line.shape[1]), (0, 0)), constant_values=255) for line in lines]
    return Pillow.fromarray(np.concatenate(padded))

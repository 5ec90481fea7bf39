"""Draw the images of one case, as JPEG files of bounded size, in worker processes."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import TOOLS, Image
from iea.editor.io import read_image
from iea.recipe.evaluation.editors import EDITORS

QUALITIES = (86, 72, 55, 35)  # JPEG; the first with which an image has at most MAX_BYTES, else the last
MAX_BYTES = 110_000


@dataclass(frozen=True)
class Edit:
    """The edit of a system: an answer for an editor of EDITORS, or in its place the path of a finished image."""

    answer: str
    edited: str = ""
    editor: str = "iea"


@dataclass(frozen=True)
class Drawing:
    """Paths of the images of a case, its edits, and the longest side of its JPEG files in pixels."""

    paths: Sequence[str]
    edits: Sequence[Edit]
    side: int


@dataclass(frozen=True)
class Drawn:
    """A drawn image as a data URL with its size in pixels; without one, the fault."""

    url: str = ""
    width: int = 0
    height: int = 0
    fault: str = ""


@dataclass(frozen=True)
class Step:
    """One step of an edit: a tool, its value, and the words for its direction."""

    tool: str
    value: float
    words: str


def draw(drawing: Drawing) -> list[Drawn]:
    """Draw the images of a case, then its edits, which are rendered at full size from the first image."""
    original = cache(partial(read_image, drawing.paths[0]))
    images: list[Callable[[], Image]] = [original]
    images += [partial(read_image, path) for path in drawing.paths[1:]]
    images += [partial(_edited, original, edit) for edit in drawing.edits]
    return [_drawn(image, drawing.side) for image in images]


def _edited(original: Callable[[], Image], edit: Edit) -> Image:
    """Return a finished image as it is, or the rendered answer."""
    if edit.edited:
        return read_image(edit.edited)
    return EDITORS[edit.editor].edit(original(), edit.answer)


def _drawn(image: Callable[[], Image], side: int) -> Drawn:
    """Draw an image. A file that cannot be read and an answer without a program are data: the fault is shown in place."""
    try:
        full = PillowImage.fromarray(to_8_bits(image()))
    except (OSError, ValueError, KeyError, MemoryError) as error:
        name = Path(getattr(error, "filename", None) or "").name
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
        return Drawn(fault=f"{name}: {reason}" if name else str(reason))
    full.thumbnail((side, side), PillowImage.Resampling.LANCZOS)
    return Drawn(data_url(full), *full.size)


def data_url(image: PillowImage.Image) -> str:
    """Return an image as a JPEG file of about MAX_BYTES at most, in a URL."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= MAX_BYTES:
            break
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def steps(program: Mapping[str, float]) -> list[Step]:
    """Return the steps of a program in its order: of our editor the one in which it applies the tools.

    >>> steps({"exposure": 20})
    [Step(tool='exposure', value=20, words='brighter everywhere, as with more light')]
    """
    return [Step(tool.replace("_", " "), value, _words(tool, value)) for tool, value in program.items()]


def _words(tool: str, value: float) -> str:
    if tool not in TOOLS or not value:
        return ""
    return TOOLS[tool].plus if value > 0 else TOOLS[tool].minus

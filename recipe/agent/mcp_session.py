"""A session of an agent: the photographs that it opened, and a folder for its results. Sources are read, never written."""

import io
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.label.match import SIDE, reduced
from iea.editor import TOOLS, Image, Program, program_schema, render
from iea.recipe.agent.exports import FORMATS, write_export
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.import_xmp import import_xmp
from iea.recipe.agent.photo import Photo, open_photo, result_path
from iea.recipe.agent.stats import measure
from iea.recipe.agent.style import fit_pair, report

MOST = 8
"""Photographs that are open at a time: each is in memory at full size."""
PREVIEW_SIDES = (64, 2048)  # px
JPEG_QUALITY = 88


@dataclass
class Session(AbstractContextManager["Session"]):
    """Open photographs by id, and a folder.

    roots : folders that files may be read from, with all that is in them
    out : folder for results; None = a folder that is removed when the session ends
    """

    roots: Sequence[Path]
    out: Path | None = None
    photos: dict[str, Photo] = field(default_factory=dict)
    opened: int = 0

    def __post_init__(self) -> None:
        """Make the folder. Raises OSError if it cannot be written."""
        self._thrown_away = TemporaryDirectory(prefix="iea-session-") if self.out is None else None
        self.folder = Path(self._thrown_away.name) if self._thrown_away else Path(self.out or "")
        self.folder.mkdir(parents=True, exist_ok=True)

    def __exit__(self, *_: object) -> None:
        if self._thrown_away:
            self._thrown_away.cleanup()

    def open(self, path: str) -> dict[str, Any]:
        """Open a photograph and return its id, its size and its statistics."""
        if len(self.photos) >= MOST:
            raise ValueError(f"at most {MOST} photographs may be open, they are {', '.join(self.photos)}; close one")
        photo = open_photo(self.readable(path))
        self.opened += 1
        name = f"p{self.opened}"
        self.photos[name] = photo
        height, width, _ = photo.image.shape
        return {"photo": name, "width": width, "height": height, "stats": self.stats(name)}

    def close(self, photo: str) -> dict[str, Any]:
        """Forget a photograph; its results stay."""
        self.photo(photo)
        del self.photos[photo]
        return {"open": list(self.photos)}

    def stats(self, photo: str, program: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Return the statistics of a photograph, after a program if there is one."""
        image = self.photo(photo).image
        if not program:
            return measure(image).as_dict()
        height, width, _ = image.shape
        edited = measure(render(reduced(image, SIDE), Program(program)))
        return replace(edited, width=width, height=height, bits=8 * image.dtype.itemsize).as_dict()

    def preview(self, photo: str, program: Mapping[str, int], side: int) -> bytes:
        """Return a JPEG file of the result, reduced to a longer side of `side` px."""
        low, high = PREVIEW_SIDES
        if not low <= side <= high:
            raise ValueError(f"side must be {low} to {high} px, got {side}; use apply for the full size")
        small = render(reduced(to_8_bits(self.photo(photo).image), side), Program(program))
        buffer = io.BytesIO()
        PillowImage.fromarray(small).save(buffer, "JPEG", quality=JPEG_QUALITY)
        return buffer.getvalue()

    def apply(self, photo: str, program: Mapping[str, int]) -> dict[str, Any]:
        """Write the result at full size, with the metadata of the photograph, and return its path."""
        source, checked = self.photo(photo), Program(program)
        path = result_path(source.path, self.folder)
        source.save(render(source.image, checked), path, new=True)
        return {"path": str(path), "program": dict(checked), "kept": self._thrown_away is None}

    def fit(self, before: str, after: str) -> dict[str, Any]:
        """Find the program that makes one open photograph look like another edit of it, and name the part it leaves."""
        found = fit_pair(self.photo(before).image, self.photo(after).image)
        return {"program": dict(found.program), "explained": found.explained, "report": report(found)}

    def export(self, program: Mapping[str, int], format: str, photo: str | None, name: str) -> dict[str, Any]:
        """Write a program for another editor, and return the path, and all that the file approximates or loses."""
        if format not in FORMATS:
            raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
        images: dict[str, Image] = {}
        if photo is not None:
            source = self.photo(photo)
            images[source.path.name] = reduced(to_8_bits(source.image), FORMATS[format].side)
        stem = "".join(one for one in name if one.isalnum() or one in "-_ ").strip()[:80] or "edit"
        out, number = self.folder / f"{stem}{FORMATS[format].suffix}", 1
        while out.exists():
            number += 1
            out = self.folder / f"{stem}{number}{FORMATS[format].suffix}"
        exported = write_export(Program(program), format, out, Settings(images, stem))
        return {"path": str(out), "fidelity": exported.lines()}

    def read_preset(self, path: str) -> dict[str, Any]:
        """Read a Lightroom preset as a program, and name the settings that are lost."""
        found = import_xmp(self.readable(path))
        return {"program": dict(found.program), "curve_error": found.curve_error, "lost": dict(found.lost)}

    def photo(self, name: str) -> Photo:
        """Return an open photograph. Raises ValueError for another id."""
        if name not in self.photos:
            known = f"one of {', '.join(self.photos)}" if self.photos else "the id of an open photograph"
            raise ValueError(f"photo must be {known}, got {name!r}; open it with open_photo")
        return self.photos[name]

    def readable(self, path: str) -> Path:
        """Return a path within the roots, with its links followed. Raises ValueError for another one."""
        found = Path(path).expanduser().resolve()
        roots = [root.resolve() for root in (*self.roots, self.folder)]
        if not any(found.is_relative_to(root) for root in roots):
            listed = ", ".join(map(str, roots))
            raise ValueError(f"a file must be in {listed}, got {path!r}; ask the user to start `iea mcp` with --root")
        return found


def describe() -> dict[str, Any]:
    """Return all that an agent needs to write programs: the tools with their words, the schema, the formats."""
    tools = [
        {"name": one.name, "low": one.low, "high": one.high, "minus": one.minus, "plus": one.plus, "use": one.use}
        for one in TOOLS.values()
    ]
    formats = {name: {"suffix": one.suffix, "about": one.words} for name, one in FORMATS.items()}
    return {"tools": tools, "program_schema": program_schema(), "formats": formats}

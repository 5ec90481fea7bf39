"""Finished images of any other system: a folder, `pictures=FOLDER`, with one file for each row.

A file is of the row whose name its path below the folder has, without the suffix: `gier/a-b/edit-0.png` of `gier/a-b/edit-0`. The
name may also be flat, with "_" in place of every character but letters, digits, "." and "-", or the number of the row
in its file: `gier_a-b_edit-0.png`, `17.png`. Results state the number of rows without a file, and of images of another size.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES, read_photograph
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.recipe.evaluation.systems.system import PROGRAMS, Answer, Edited, Failed, Session, System


@dataclass(frozen=True)
class PictureSettings:
    """Options of a folder of images.

    folder : folder of the images, at any depth
    """

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise ValueError(f"pictures must be a folder of images, such as pictures=FOLDER, got {str(self.folder)!r}")


def flat(name: str) -> str:
    """Return the name of a row as that of a file without folders.

    >>> flat("gier/a-b/edit-0")
    'gier_a-b_edit-0'
    """
    return re.sub(r"[^A-Za-z0-9.-]", "_", name)


def answers(rows: pd.DataFrame, settings: PictureSettings) -> Sequence[Answer]:
    """Return the file of every row, or Failed("no_image").

    Raises
    ------
    ValueError : two files are of one row, or no file of any
    """
    return start(settings)(rows)


def start(settings: PictureSettings) -> Session:
    """List the folder once; return the function that answers rows."""
    files: dict[str, list[Path]] = {}
    for path in sorted(settings.folder.rglob("*")):
        if path.suffix.lower() in DECODABLE_SUFFIXES and path.is_file():
            files.setdefault(path.relative_to(settings.folder).with_suffix("").as_posix(), []).append(path)
    if not files:
        raise ValueError(f"pictures must be a folder with images, got {str(settings.folder)!r} without any")
    return lambda rows: [_answer(extra, files) for extra in rows.extra_info]


def _answer(extra: Mapping[str, Any], files: Mapping[str, list[Path]]) -> Answer:
    names = dict.fromkeys((extra["name"], flat(extra["name"]), str(extra["index"])))
    found = [path for name in names for path in files.get(name, [])]
    if len(found) > 1:
        raise ValueError(f"a row must have one image, got {found[0]} and {found[1]} for {extra['name']!r}; remove one")
    if not found:
        return Failed("no_image", f"no file is named {' or '.join(names)}", image=True)
    return Edited(partial(_read, str(found[0])), path=str(found[0]))


def _read(path: str, _: Mapping[str, Any]) -> Image:
    try:
        return read_photograph(Path(path))
    except RejectedError as error:
        raise ValueError(f"{error.reason}: {error.text}") from error


SYSTEM = System("pictures", answers, PROGRAMS, start=start, options=PictureSettings, value="folder")

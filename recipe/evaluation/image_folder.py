"""Find the images of rows in a folder that another system wrote.

A file is of the row whose name is its path below the folder, without the suffix: `gier/a-b/edit-0.png` of `gier/a-b/edit-0`. The
name may also be flat, `gier_a-b_edit-0.png`, or the number of the row in its file, `17.png`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES


def image_names(name: str, number: int) -> tuple[str, ...]:
    """Return the names that the image of a row may have, each once.

    >>> image_names("gier/a-b/edit-0", 17)
    ('gier/a-b/edit-0', 'gier_a-b_edit-0', '17')
    """
    return tuple(dict.fromkeys((name, re.sub(r"[^A-Za-z0-9.-]", "_", name), str(number))))


def list_images(folder: Path) -> dict[str, list[Path]]:
    """Return name -> files of it, of all images in a folder at any depth.

    Raises
    ------
    ValueError : there are none
    """
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in DECODABLE_SUFFIXES and path.is_file():
            files.setdefault(path.relative_to(folder).with_suffix("").as_posix(), []).append(path)
    if not files:
        raise ValueError(f"a folder of edited images must have some, got {str(folder)!r} without any")
    return files


def find_image(files: Mapping[str, Sequence[Path]], names: Iterable[str]) -> Path | None:
    """Return the file with one of these names, None if there is none.

    Raises
    ------
    ValueError : there are several
    """
    found = [path for name in names for path in files.get(name, [])]
    if len(found) > 1:
        raise ValueError(f"a row must have one image, got {found[0]} and {found[1]}; remove one")
    return found[0] if found else None

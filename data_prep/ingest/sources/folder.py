"""Any folder of photographs, with its subfolders: single photographs without references."""

import os
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source
from iea.data_prep.ingest.sources.walk import walk

LICENSE = "A folder of your own: the terms of its owners."


def list_folder(root: Path) -> Iterator[Listed | Rejected]:
    """List every image file below `root`, sorted by its path and named by its path within the folder; reject all others.

    Raises
    ------
    ValueError : `root` is not a folder, or holds no files
    """
    if not root.is_dir():
        raise ValueError(f"the root must be a folder of photographs, got {str(root)!r}")
    found = False
    for path in walk(root):
        found = True
        yield path if isinstance(path, Rejected) else _listed(path, file_name(path.relative_to(root).as_posix()))
    if not found:
        raise ValueError(
            f"the root must hold photographs at any depth, got {str(root)!r} without a file; mount or name another"
        )


def _listed(path: Path, name: str) -> Listed | Rejected:
    if path.suffix.lower() not in DECODABLE_SUFFIXES and os.path.isfile(path) and not _is_image(path):
        return Rejected(name, "not_an_image", f"{path} is not in a known image format")
    return Listed("folder", name, f"folder:{name}", path, license=LICENSE)


def _is_image(path: Path) -> bool:
    """Return True if the file begins as an image does; other errors of its are the decoder's to name."""
    with warnings.catch_warnings(), suppress(Exception):  # Pillow's plug-ins raise many kinds on damaged headers
        warnings.simplefilter("ignore")
        try:
            PillowImage.open(path).close()
        except UnidentifiedImageError:
            return False
    return True


SOURCE = Source(name="folder", origin="your disk", license=LICENSE, list=list_folder)

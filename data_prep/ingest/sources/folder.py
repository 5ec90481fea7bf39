"""Any folder of photographs, with its subfolders: single photographs without references."""

from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
LICENSE = "A folder of your own: the terms of its owners."


def list_folder(root: Path) -> Iterator[Listed | Rejected]:
    """List every image file below `root`, sorted by its path and named by its path within the folder.

    Raises
    ------
    ValueError : `root` is not a folder
    """
    if not root.is_dir():
        raise ValueError(f"the root must be a folder of photographs, got {str(root)!r}")
    files = (path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    for path in sorted(files, key=lambda path: path.relative_to(root).as_posix()):
        name = file_name(path.relative_to(root).as_posix())
        yield Listed("folder", name, f"folder:{name}", path, license=LICENSE)


SOURCE = Source(name="folder", origin="your disk", license=LICENSE, list=list_folder)

"""Any folder of photographs, with folders below it: single pictures without references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source
from iea.data_prep.photographs import folder_photos

LICENCE = "A folder of your own: what its owners allow."


def list_folder(root: Path) -> Iterator[Listed | Rejected]:
    """Every picture file, named by its path within the folder.

    Raises
    ------
    ValueError : `root` is no folder
    """
    for photo in folder_photos(root):
        name = file_name(photo.name)
        yield Listed("folder", name, f"folder:{name}", photo.path, licence=LICENCE)


SOURCE = Source(name="folder", origin="your disk", licence=LICENCE, list=list_folder)

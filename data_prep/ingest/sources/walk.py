"""Find the files below a folder, linked folders included: each folder once, so that links in a circle end."""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Rejected
from iea.data_prep.lock import is_output


def walk(root: Path, *, by_name: bool = False) -> Iterator[Path | Rejected]:
    """Yield every file below `root`, sorted by its path, and Rejected for a folder that cannot be opened.

    A folder that several links lead to is found once, under its own path if that is below the root; or, `by_name`, once under
    each name. Folders that our steps write are omitted: their images are not photographs of the source.

    Raises
    ------
    ValueError : `root` itself is such a folder
    """
    if is_output(root):
        raise ValueError(f"the root must not be a folder that these commands wrote, got {str(root)!r}; name another")
    found: list[Path | Rejected] = []
    seen: set[tuple[int, int, str]] = set()
    folders, linked = deque([root]), deque[Path]()
    while folders or linked:  # links last: a folder keeps its own path
        folder = folders.popleft() if folders else linked.popleft()
        try:
            status = folder.stat()
            identity = (status.st_dev, status.st_ino, folder.name if by_name else "")
            if identity in seen or is_output(folder):
                continue
            seen.add(identity)
            for name in sorted(os.listdir(folder)):
                path = folder / name
                if not os.path.isdir(path):
                    found.append(path)
                else:
                    (linked if path.is_symlink() else folders).append(path)
        except OSError as error:
            name = file_name(folder.relative_to(root).as_posix())
            found.append(Rejected(name, "unreadable", f"the folder {folder} cannot be opened: {error.strerror}"))
    yield from sorted(found, key=lambda one: one.name if isinstance(one, Rejected) else _name(one, root))


def files_below(root: Path) -> tuple[list[Path], list[Rejected]]:
    """Return the files of `walk` by name, and the folders that cannot be opened."""
    found = list(walk(root, by_name=True))
    return [one for one in found if isinstance(one, Path)], [one for one in found if isinstance(one, Rejected)]


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()

"""One lock for each folder that a step writes: a second run in the same folder ends at once, with a clear message.

The lock is the operating system's (flock), so that one of a killed process is free. Its file stays, and marks a folder of
ours: photographs are never looked for in one (iea.data_prep.ingest.sources.walk).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

MARK = ".iea.lock"


class LockedError(RuntimeError):
    """Another run writes to the folder; the text names it."""


@contextmanager
def locked(out: Path, inputs: Iterable[Path | None] = ()) -> Iterator[None]:
    """Make the folder `out` and hold its lock; a process may take it again while it holds it.

    A folder with files of others is refused: its mark would hide them from every listing of photographs. Hidden files may lie
    in it, and `inputs`, which are read under their own names.

    After an error before anything is written, the folder is as it was: without a mark, or removed if it was made here.

    Raises
    ------
    LockedError : another run holds it
    ValueError : the name is not UTF-8, in which tables hold paths, or the folder holds files of others
    OSError : the folder cannot be made or written
    """
    out, made = out.absolute(), not out.exists()
    if str(out).encode("utf-8", "ignore").decode() != str(out):
        raise ValueError(
            f"an output must have a UTF-8 name, as tables hold its paths, got {str(out)!a}; choose another"
        )
    out.mkdir(parents=True, exist_ok=True)
    before = set(os.listdir(out))
    roots = [root.resolve() for root in inputs if root]
    others = [name for name in before if not name.startswith(".") and not _leads_to(out / name, roots)]
    if others and not is_output(out):
        raise ValueError(
            f"an output must be a new or empty folder, or one that these commands wrote, got {str(out)!r} with files of its "
            f"own, such as {min(others)!a}; choose another folder"
        )
    mark = out / MARK
    lock = FileLock(mark, timeout=0, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"one run at a time may write to {str(out)!r}, got a second; wait until the first ends, or choose another folder"
        ) from None
    try:
        yield
    except BaseException:
        if set(os.listdir(out)) - before == {MARK}:
            mark.unlink()
            if made:
                out.rmdir()
        raise
    finally:
        keep = mark.exists()
        lock.release()
        if keep and not mark.exists():
            mark.touch()  # some versions of filelock remove the file


def _leads_to(path: Path, roots: Iterable[Path]) -> bool:
    return any(root.is_relative_to(os.path.realpath(path)) for root in roots)


def is_output(folder: Path) -> bool:
    """Return True if a step writes or wrote to this folder itself."""
    return (folder / MARK).is_file()

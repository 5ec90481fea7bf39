"""One lock for each folder that a step writes: a second run in the same folder ends at once, with a clear message.

The lock is the operating system's (flock), so that one of a killed process is free. Its file stays, and marks a folder of
ours: photographs are never looked for in one (iea.data_prep.ingest.sources.walk).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

MARK = ".iea.lock"


class LockedError(RuntimeError):
    """Another run writes to the folder; the text names it."""


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Make the folder `out` and hold its lock; a process may take it again while it holds it.

    A folder that was made here and is still empty after an error is removed.

    Raises
    ------
    LockedError : another run holds it
    OSError : the folder cannot be made or written
    """
    out, made = out.absolute(), not out.exists()
    out.mkdir(parents=True, exist_ok=True)
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
        if made and [path.name for path in out.iterdir()] == [MARK]:
            mark.unlink()
            out.rmdir()
        raise
    finally:
        lock.release()
        if out.is_dir():
            mark.touch()  # some versions of filelock remove the file


def is_output(folder: Path) -> bool:
    """Return True if a step writes or wrote to this folder itself."""
    return (folder / MARK).is_file()

"""Stamps of the files that a shard depends on: a replaced, repaired or deleted file is noticed without reading it.

They lie beside the shard in `.00000.files.json`: path -> [bytes, time of the last change in ns] of a file that was read,
[bytes] of one that was written, [] of a missing file.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from iea.data_prep.files import read_json, write_text

Stamp: TypeAlias = list[int]


def stamp(path: str) -> Stamp:
    """Return the size and time of a file; nothing if it cannot be found."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # ValueError: a null character in the name
        return []
    return [found.st_size, found.st_mtime_ns]


def write_stamps(shard: Path, stamps: Mapping[str, Stamp]) -> None:
    """Write the stamps of a shard; without any, remove them."""
    if stamps:
        write_text(_path(shard), json.dumps(stamps) + "\n")
    else:
        _path(shard).unlink(missing_ok=True)


def are_current(shard: Path) -> bool:
    """Return True if every file that the shard depends on is as it was; False if the list of them is damaged."""
    saved = read_json(_path(shard))
    if not saved:
        return not os.path.lexists(_path(shard))
    return all(_same(found, stamp(path)) for path, found in saved.items())


def _same(saved: object, now: Stamp) -> bool:
    return isinstance(saved, list) and bool(saved) == bool(now) and saved == now[: len(saved)]


def _path(shard: Path) -> Path:
    return shard.with_name(f".{shard.stem}.files.json")

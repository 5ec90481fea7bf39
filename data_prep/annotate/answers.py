"""What was paid for, on disk: one JSON file a completion, named by the digest of what was asked.

Plain files and not a database: a rename is whole or not at all, whether the process is killed or the machine, on
network drives too, where SQLite's locks do not hold; and a folder can be read, copied and merged with everyday tools.
One process at a time may ask, for two that ask the same at once pay twice; its lock ends with it, however it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from iea.data_prep.annotate.reply import Completion
from iea.data_prep.files import read_json


def key_of(request: dict[str, Any]) -> str:
    """Digest of a request: model, messages and parameters, with digests in the place of pictures."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


class Answers:
    """A folder of completions. Whatever else stands in a file's place counts as not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Completion | None:
        """What was answered to this request, None = it was not asked."""
        try:
            return Completion(**(read_json(self._path(key)) or {}))
        except TypeError:
            return None

    def put(self, key: str, completion: Completion) -> None:
        """Keep a completion for good: it is on the disk when this returns."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
        try:
            with partial.open("w", encoding="utf-8") as stream:
                json.dump(asdict(completion), stream, indent=1)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While it lasts, no other process asks with this folder.

        Raises
        ------
        ValueError : another one does
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(
                    f"one run at a time may ask with the answers in {str(self.folder)!r}, got a second; wait for the "
                    "first, or choose another folder"
                ) from None
            yield

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

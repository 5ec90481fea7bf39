"""Completions on disk: one JSON file each, named by the digest of its request.

Files and not a database: a rename is atomic, also on network drives, where the locks of SQLite do not hold; and a folder
can be read, copied and merged with everyday tools. There is no lock either: two processes that send equal requests at the
same time both pay for them, and the last one's completion stays. Nothing is lost or mixed.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from iea.reward_fns.chat.completion import Completion


def request_key(request: Mapping[str, Any]) -> str:
    """Return the digest of a request, which does not depend on the order of its keys."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


class CompletionCache:
    """A folder of completions. A file with any other content counts as missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Completion | None:
        """Return the completion of a request, None = it has none yet."""
        try:
            return Completion(**json.loads(self._path(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, key: str, completion: Completion) -> None:
        """Write a completion, which is on the disk when this returns."""
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

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

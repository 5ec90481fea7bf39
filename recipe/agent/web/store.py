"""Sessions on the disk, one folder each below a root, and those in use in memory."""

import asyncio
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from cachetools import LRUCache

from iea.data_prep.label.match import reduced
from iea.editor import Image
from iea.editor.io import read_image
from iea.recipe.agent.session import Session
from iea.recipe.agent.web.intake import ABOUT, SMALL, TALK, UPLOAD
from iea.recipe.agent.web.settings import RefusedError, WebSettings

IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{32}")
NEW = ".new-"  # prefix of the folder of a session that is not complete
IN_MEMORY = 64  # sessions, of about 3 MB each
THUMBNAIL = 200  # px


@dataclass(eq=False)
class Live:
    """A session in use.

    about : name, suffix, width, height, bits and findings of its photograph
    small : the copy for previews
    revision : counts the changes of the conversation
    ticket : number of the latest preview that was requested
    thinking : the model is asked
    """

    identifier: str
    folder: Path
    about: dict[str, Any]
    talk: Session
    small: Image
    revision: int = 0
    ticket: int = 0
    thinking: bool = False
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)
    tracing: asyncio.Lock = field(default_factory=asyncio.Lock)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @cached_property
    def thumbnail(self) -> Image:
        """The copy for the images of the steps."""
        return reduced(self.small, THUMBNAIL)

    @property
    def photo(self) -> Path:
        """The uploaded file."""
        return self.folder / f"{UPLOAD}{self.about['suffix']}"

    def changed(self, talk: Session) -> None:
        """Keep a conversation: on the disk, then in memory."""
        talk.save(self.folder / TALK)
        self.talk, self.revision = talk, self.revision + 1


class Store:
    """All sessions of a server."""

    def __init__(self, settings: WebSettings) -> None:
        self.root, self.settings = settings.root, settings
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.root.glob(f"{NEW}*"):
            shutil.rmtree(left, ignore_errors=True)
        self._used: WeakValueDictionary[str, Live] = WeakValueDictionary()
        self._recent: LRUCache[str, Live] = LRUCache(IN_MEMORY)

    def begin(self) -> Path:
        """Make the folder of a new session; `complete` gives it its place. Raises RefusedError if the disk has too many."""
        self.sweep()
        if sum(1 for _ in self._folders()) >= self.settings.sessions:
            raise RefusedError(503, "full")
        folder = self.root / f"{NEW}{secrets.token_urlsafe(24)}"
        folder.mkdir(mode=0o700)
        return folder

    def complete(self, folder: Path) -> str:
        """Give a new session its place and return its identifier."""
        identifier = folder.name.removeprefix(NEW)
        folder.rename(self.root / identifier)
        return identifier

    async def get(self, identifier: str) -> Live:
        """Return a session. Raises RefusedError for one that is unknown."""
        live = self._used.get(identifier)
        if live is None:
            folder = self.root / identifier
            if not (IDENTIFIER.fullmatch(identifier) and folder.is_dir()):
                raise RefusedError(404, "unknown")
            loaded = await asyncio.to_thread(_load, folder)
            live = self._used.setdefault(identifier, loaded)  # another request may have been quicker
        self._recent[identifier] = live
        return live

    def forget(self, live: Live) -> None:
        """Remove a session with all its files."""
        self._used.pop(live.identifier, None)
        self._recent.pop(live.identifier, None)
        shutil.rmtree(live.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove the sessions that were not used for long."""
        oldest = time.time() - self.settings.days * 86400
        for folder in self._folders():
            if folder.name not in self._used and (folder / TALK).stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> Iterable[Path]:
        return (one for one in self.root.iterdir() if IDENTIFIER.fullmatch(one.name) and (one / TALK).is_file())


def _load(folder: Path) -> Live:
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    os.utime(folder / TALK)  # used, if not changed
    return Live(folder.name, folder, about, Session.open(folder / TALK), read_image(folder / SMALL))

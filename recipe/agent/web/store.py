"""Sessions on the disk, one folder each below a root, and those in use in memory.

Several servers may share the root, on one disk or one network disk with locks: the file of a conversation is the truth. A server
reads it again when another one has written it, and changes it under the session's lock.
"""

import asyncio
import json
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from cachetools import LRUCache
from filelock import FileLock, Timeout

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
LOCK, LOCK_S = ".lock", 5.0  # of a session; seconds that another server may hold it: it writes one small file
USED_S = 3600.0  # a session in use is marked so often
LEFT_S = 6 * 3600.0  # after which an upload that is not complete is that of a server which ended

Stamp = tuple[int, int, int]


@dataclass(eq=False)
class Live:
    """A session in use.

    about : name, suffix, width, height, bits and findings of its photograph
    small : the copy for previews
    stamp : of the conversation's file, as it was read or written last
    used : when the session was marked as in use, seconds since 1970
    revision : counts the changes of the conversation, those of other servers included
    ticket : number of the latest preview that was requested
    thinking : the model is asked
    """

    identifier: str
    folder: Path
    about: dict[str, Any]
    talk: Session
    small: Image
    stamp: Stamp
    used: float = 0.0
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

    def refresh(self) -> None:
        """Read the conversation again if another server has changed it. Raises FileNotFoundError for a removed session."""
        if (stamp := _stamp(self.folder)) != self.stamp:
            self.talk, self.stamp, self.revision = Session.open(self.folder / TALK), stamp, self.revision + 1
        if time.time() - self.used > USED_S:
            os.utime(self.folder / ABOUT)
            self.used = time.time()

    @contextmanager
    def changing(self, since: int | None = None) -> Iterator[Session]:
        """Yield a copy of the conversation to change; afterwards it is kept, on the disk and in memory.

        Parameters
        ----------
        since : revision that the change begins from; None = the present one

        Raises
        ------
        RefusedError : the conversation has changed since then, another server holds it, or the session was removed
        """
        try:
            with FileLock(self.folder / LOCK, timeout=LOCK_S, poll_interval=0.005):
                self.refresh()
                if since not in (None, self.revision):
                    raise RefusedError(409, "changed")
                talk = self.copy()
                yield talk
                talk.save(self.folder / TALK)
                self.talk, self.stamp, self.revision = talk, _stamp(self.folder), self.revision + 1
        except Timeout:
            raise RefusedError(503, "busy") from None
        except FileNotFoundError:
            shutil.rmtree(self.folder, ignore_errors=True)  # which taking the lock has made again
            raise RefusedError(404, "unknown") from None

    def copy(self) -> Session:
        """Return a copy of the conversation."""
        return replace(self.talk, turns=list(self.talk.turns))


class Store:
    """All sessions of a server."""

    def __init__(self, settings: WebSettings) -> None:
        self.root, self.settings = settings.root, settings
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        if not IDENTIFIER.fullmatch(identifier):
            raise RefusedError(404, "unknown")
        live = self._used.get(identifier)
        try:
            if live is None:
                loaded = await asyncio.to_thread(_load, self.root / identifier)
                live = self._used.setdefault(identifier, loaded)  # another request may have been quicker
            live.refresh()
        except FileNotFoundError:  # also of a session that another server removed
            self._drop(identifier)
            raise RefusedError(404, "unknown") from None
        self._recent[identifier] = live
        return live

    def forget(self, live: Live) -> None:
        """Remove a session with all its files."""
        self._drop(live.identifier)
        shutil.rmtree(live.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove the sessions that were not used for long, and what is left of uploads that were not completed."""
        now = time.time()
        for folder in self._folders():
            if folder.name not in self._used and _last_use(folder) < now - self.settings.days * 86400:
                shutil.rmtree(folder, ignore_errors=True)
        for folder in self.root.glob(f"{NEW}*"):
            with suppress(FileNotFoundError):  # completed meanwhile
                if folder.stat().st_mtime < now - LEFT_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def _drop(self, identifier: str) -> None:
        self._used.pop(identifier, None)
        self._recent.pop(identifier, None)

    def _folders(self) -> Iterable[Path]:
        return (one for one in self.root.iterdir() if IDENTIFIER.fullmatch(one.name) and (one / TALK).is_file())


def _load(folder: Path) -> Live:
    about, stamp = json.loads((folder / ABOUT).read_text(encoding="utf-8")), _stamp(folder)
    return Live(folder.name, folder, about, Session.open(folder / TALK), read_image(folder / SMALL), stamp)


def _stamp(folder: Path) -> Stamp:
    """Return values that differ after every change of the conversation: its file is always a new one."""
    with (folder / TALK).open(
        "rb"
    ) as file:  # a network disk shows what others wrote to a file that is opened, not to one asked about
        found = os.fstat(file.fileno())
    return found.st_ino, found.st_mtime_ns, found.st_size


def _last_use(folder: Path) -> float:
    times = []
    for name in (TALK, ABOUT):
        with suppress(FileNotFoundError):  # removed meanwhile
            times.append((folder / name).stat().st_mtime)
    return max(times, default=math.inf)

"""Decoded pictures, kept per process and shared between the processes of a pool without a copy.

The rollouts of a group share their original and reference. The first worker to decode a picture leaves its pixels
in the pool's folder; it and every other worker map that file, so that one copy in the system's page cache serves all.
"""

import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from typing import TypeAlias

import numpy as np

from iea.editor import Image
from iea.editor.io import read_image

BUDGET_BYTES = 256 * 2**20  # per worker process: over 300 pictures of 512 x 512
FOLDER_VARIABLE = "IEA_REWARD_FOLDER"
"""Environment variable in which a pool tells its workers their common folder."""

_Key: TypeAlias = tuple[str, int, int]
"""Path, time of change in ns, size in bytes: another key, another picture."""


class ImageCache:
    """Least recently used pictures up to `budget_bytes` of decoded pixels; a file that changed is read again.

    With a `folder`, its pixels lie there for all who use the same one; what falls out of a cache leaves the folder.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES, folder: Path | None = None) -> None:
        self.budget_bytes = budget_bytes
        self.held_bytes = 0
        self._folder = folder
        self._images: OrderedDict[_Key, Image] = OrderedDict()

    def read(self, path: str) -> Image:
        """The picture at `path` as `read_image` gives it, read-only.

        Raises
        ------
        OSError : there is no such file, or it may not be read
        ValueError : it is no picture
        """
        status = os.stat(path)
        key = (path, status.st_mtime_ns, status.st_size)
        if key in self._images:
            self._images.move_to_end(key)
            return self._images[key]
        image = self._decoded(key)
        image.setflags(write=False)
        self._images[key] = image
        self.held_bytes += image.nbytes
        while self.held_bytes > self.budget_bytes:
            dropped, oldest = self._images.popitem(last=False)
            self.held_bytes -= oldest.nbytes
            if self._folder is not None:
                _shared_file(self._folder, dropped).unlink(missing_ok=True)  # who maps it keeps it
        return image

    def _decoded(self, key: _Key) -> Image:
        if self._folder is None:
            return read_image(key[0])
        file = _shared_file(self._folder, key)
        try:
            return _mapped(file)
        except FileNotFoundError:
            image = read_image(key[0])
        try:
            partial = file.with_name(f"{file.stem}-{os.getpid()}.npy")
            np.save(partial, image)
            partial.replace(file)
            return _mapped(file)
        except OSError:  # no room, or another worker dropped it again: a copy of one's own will do
            return image


def _shared_file(folder: Path, key: _Key) -> Path:
    return folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.npy"


def _mapped(file: Path) -> Image:
    image: Image = np.load(file, mmap_mode="r").view(np.ndarray)
    return image

"""Decoded pictures, kept per process: the rollouts of a group share their original and reference."""

import os
from collections import OrderedDict

from iea.editor import Image
from iea.editor.io import read_image

BUDGET_BYTES = 256 * 2**20  # per worker process: over 300 pictures of 512 x 512


class ImageCache:
    """Least recently used pictures up to `budget_bytes` of decoded pixels; a file that changed is read again."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.budget_bytes = budget_bytes
        self.held_bytes = 0
        self._images: OrderedDict[tuple[str, int, int], Image] = OrderedDict()

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
        image = read_image(path)
        image.setflags(write=False)
        self._images[key] = image
        self.held_bytes += image.nbytes
        while self.held_bytes > self.budget_bytes:
            _, oldest = self._images.popitem(last=False)
            self.held_bytes -= oldest.nbytes
        return image

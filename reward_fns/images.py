"""Decoded images, kept per process: the rollouts of a group share their original and reference."""

import os

from cachetools import LRUCache

from iea.editor import Image
from iea.editor.io import read_image

BUDGET_BYTES = 256 * 2**20  # per worker process: over 300 images of 512 x 512


class ImageCache:
    """Least recently used images up to `budget_bytes` of decoded pixels; a file that changed is read again."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._images: LRUCache[tuple[str, int, int], Image] = LRUCache(
            budget_bytes, getsizeof=lambda image: image.nbytes
        )

    def read(self, path: str) -> Image:
        """Return the image at `path` as `read_image` gives it, read-only.

        Raises
        ------
        OSError : the file does not exist or cannot be read
        ValueError : the file is not an image
        """
        status = os.stat(path)
        key = (path, status.st_mtime_ns, status.st_size)
        image = self._images.get(key)
        if image is None:
            image = read_image(path)
            image.setflags(write=False)
            if image.nbytes <= self._images.maxsize:
                self._images[key] = image
        return image

import os
from pathlib import Path

import numpy as np
import pytest

from iea.editor import Image
from iea.editor.io import write_image
from iea.reward_fns.images import ImageCache

BYTES = 8 * 8 * 3


def _picture(folder: Path, level: int) -> str:
    path = folder / f"{level}.png"
    write_image(path, np.full((8, 8, 3), level, np.uint8))
    return str(path)


def _level(image: Image) -> int:
    return int(image[0, 0, 0])


def test_a_picture_is_decoded_once(tmp_path: Path) -> None:
    cache, path = ImageCache(), _picture(tmp_path, 7)
    assert cache.read(path) is cache.read(path)


def test_a_held_picture_cannot_be_written_to(tmp_path: Path) -> None:
    image = ImageCache().read(_picture(tmp_path, 7))
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0, 0] = 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    cache, path = ImageCache(), _picture(tmp_path, 7)
    assert _level(cache.read(path)) == 7
    write_image(path, np.full((8, 8, 3), 9, np.uint8))
    os.utime(path, ns=(0, os.stat(path).st_mtime_ns + 1))
    assert _level(cache.read(path)) == 9


def test_the_least_recently_used_picture_goes_first(tmp_path: Path) -> None:
    cache = ImageCache(budget_bytes=2 * BYTES)
    one, two, three = (_picture(tmp_path, level) for level in (1, 2, 3))
    held, dropped = cache.read(one), cache.read(two)
    cache.read(one)
    cache.read(three)
    assert cache.read(one) is held
    assert cache.read(two) is not dropped


def test_a_picture_above_the_budget_is_read_and_not_held(tmp_path: Path) -> None:
    cache = ImageCache(budget_bytes=BYTES - 1)
    small, large = _picture(tmp_path, 7), _picture(tmp_path, 9)
    assert _level(cache.read(small)) == 7
    assert cache.read(large) is not cache.read(large)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone.png"):
        ImageCache().read(str(tmp_path / "gone.png"))

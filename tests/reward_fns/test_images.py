import os
from pathlib import Path

import numpy as np
import pytest

from iea.editor import Image
from iea.editor.io import write_image
from iea.reward_fns import images
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
    assert cache.held_bytes == BYTES


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
    assert cache.held_bytes == 2 * BYTES
    assert cache.read(one) is held
    assert cache.read(two) is not dropped


def test_a_picture_above_the_budget_is_read_and_not_held(tmp_path: Path) -> None:
    cache = ImageCache(budget_bytes=BYTES - 1)
    assert _level(cache.read(_picture(tmp_path, 7))) == 7
    assert cache.held_bytes == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone.png"):
        ImageCache().read(str(tmp_path / "gone.png"))


def test_caches_of_one_folder_decode_a_picture_once_and_map_the_same_pixels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = _picture(tmp_path, 7), tmp_path / "shared"
    folder.mkdir()
    first = ImageCache(folder=folder).read(path)
    monkeypatch.setattr(images, "read_image", lambda path: pytest.fail("decoded again"))
    second = ImageCache(folder=folder).read(path)
    [file] = folder.iterdir()
    assert np.array_equal(first, second) and first.shape == (8, 8, 3)
    for image in (first, second):
        assert not image.flags.owndata and not image.flags.writeable
    stored = np.load(file, mmap_mode="r+")
    stored[:] = 9
    stored.flush()
    assert _level(first) == _level(second) == 9, "both must see the file's pixels, not a copy"


def test_what_falls_out_of_a_cache_leaves_the_folder_and_stays_with_others(tmp_path: Path) -> None:
    one, two = (_picture(tmp_path, level) for level in (1, 2))
    folder = tmp_path / "shared"
    folder.mkdir()
    kept = ImageCache(folder=folder).read(one)
    small = ImageCache(budget_bytes=BYTES, folder=folder)
    small.read(one)
    small.read(two)
    assert len(list(folder.iterdir())) == 1
    assert _level(kept) == 1


def test_a_folder_that_cannot_be_written_to_costs_no_picture(tmp_path: Path) -> None:
    cache = ImageCache(folder=tmp_path / "missing")
    assert _level(cache.read(_picture(tmp_path, 7))) == 7

"""Everything under a root is found and counted, each file once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.ingest.sources import SOURCES, Listed, Rejected
from iea.data_prep.ingest.sources.walk import walk
from iea.data_prep.lock import MARK


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in walk(root) if isinstance(path, Path)]


def listed(root: Path) -> dict[str, str]:
    """Return name -> reason, "" for a listed photograph."""
    return {one.name: getattr(one, "reason", "") for one in SOURCES["folder"].list(root)}


def test_linked_files_and_folders_are_found(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    touch(root / "a.jpg", other / "b.jpg", other / "deep/c.jpg")
    (root / "link").symlink_to(other)
    (root / "d.jpg").symlink_to(other / "b.jpg")
    assert names(root) == ["a.jpg", "d.jpg", "link/b.jpg", "link/deep/c.jpg"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path / "x/1.jpg", tmp_path / "y/2.jpg")
    for folder, target in (("x", "y"), ("y", "x"), ("x", "x"), ("x", ".")):
        (tmp_path / folder / f"to_{target}").symlink_to(tmp_path / target)
    (tmp_path / "0_first").symlink_to(tmp_path / "y")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    assert names(tmp_path) == ["itself", "x/1.jpg", "y/2.jpg"]
    assert set(names(tmp_path)) <= {path.relative_to(tmp_path).as_posix() for path in walk(tmp_path, by_name=True)}  # type: ignore[union-attr]


def test_folders_that_steps_write_are_omitted(tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "out" / MARK, tmp_path / "out/images/b.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    assert names(tmp_path) == ["a.jpg"]
    with pytest.raises(ValueError, match="must not be a folder that these commands wrote"):
        names(tmp_path / "out")


@pytest.mark.parametrize("suffix", sorted(DECODABLE_SUFFIXES))
def test_a_file_that_can_be_decoded_is_listed(suffix: str, tmp_path: Path) -> None:
    touch(tmp_path / f"a{suffix}", tmp_path / f"b{suffix.upper()}")
    assert set(listed(tmp_path).values()) == {""}


def test_every_other_file_is_counted_with_a_reason(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "photo", "JPEG")  # without a suffix
    Image.new("RGB", (40, 30)).save(tmp_path / "saved.jpg_large", "PNG")
    touch(tmp_path / "notes.txt", tmp_path / ".DS_Store", tmp_path / "below/clip.mp4")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert listed(tmp_path) == {
        "photo": "",
        "saved.jpg_large": "",
        "gone.jpg": "",
        **dict.fromkeys(("notes.txt", ".DS_Store", "below/clip.mp4"), "not_an_image"),
    }


@pytest.mark.parametrize(
    "name", [b"\xff\xfe.jpg", "größer 新.jpg".encode(), b"a" * 251 + b".jpg", b"line\nbreak.jpg", b"-o.jpg"]
)
def test_files_and_folders_of_any_name_are_listed(name: bytes, tmp_path: Path) -> None:
    odd = os.fsdecode(name)
    touch(tmp_path / odd, tmp_path / "below" / odd / odd)
    assert len(names(tmp_path)) == 2 and set(listed(tmp_path).values()) == {""}


def test_an_empty_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a file; mount or name another"):
        listed(tmp_path)


def test_a_folder_that_cannot_be_opened_is_counted(script: Callable[..., Any], tmp_path: Path) -> None:
    touch(tmp_path / "a.jpg", tmp_path / "closed/b.jpg")
    done = script("list_closed_folder", tmp_path, check=False, cwd=tmp_path)
    (tmp_path / "closed").chmod(0o755)
    assert done.stdout.splitlines() == ["a.jpg ", "closed unreadable"], done.stderr


def test_fivek_finds_linked_folders_by_the_name_of_the_link(tmp_path: Path) -> None:
    root, stem = tmp_path / "root", "a0001-jmac_DSC1459"
    touch(tmp_path / "disk/raw" / f"{stem}.dng", root / "processed/C" / f"{stem}.tif", tmp_path / "d" / f"{stem}.png")
    for name, target in (
        ("raw", tmp_path / "disk/raw"),
        ("tiff16_c", root / "processed/C"),
        ("tiff16_d", tmp_path / "d"),
    ):
        (root / name).symlink_to(target)
    assert [one.name for one in SOURCES["fivek"].list(root)] == [f"{stem}/c", f"{stem}/d"]


def test_fivek_counts_files_that_it_cannot_use(tmp_path: Path) -> None:
    stem = "a0001-jmac_DSC1459"
    touch(tmp_path / f"one/{stem}.dng", tmp_path / f"two/{stem}.DNG", tmp_path / "tiff16_a/a0002-x.tif")
    touch(tmp_path / f"tiff16_c/{stem}.tif", tmp_path / f"more/tiff16_c/{stem}.tiff")
    found = list(SOURCES["fivek"].list(tmp_path))
    assert [(one.name, one.reason) for one in found if isinstance(one, Rejected)] == [
        (stem, "duplicate_file"),
        ("a0002-x/a", "no_original"),
        (stem, "duplicate_file"),
    ]
    assert [one.name for one in found if isinstance(one, Listed)] == [f"{stem}/c"]

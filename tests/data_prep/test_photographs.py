import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iea.data_prep.photographs import (
    BLACK_AND_WHITE,
    EVERYDAY,
    MEDICAL,
    Photo,
    bundled_photos,
    file_sha256,
    folder_photos,
    prepare,
)


def test_the_wheels_hold_eight_everyday_colour_photographs_and_seven_for_training_only():
    photos, skipped = bundled_photos()
    assert skipped == []
    assert [p.name for p in photos if p.everyday] == [
        "flower",
        "rocket",
        "grace_hopper",
        "china",
        "coffee",
        "astronaut",
        "chelsea",
        "motorcycle",
    ]
    assert len(photos) == len(EVERYDAY) + len(BLACK_AND_WHITE) + len(MEDICAL) == 15
    assert all(p.path.is_file() for p in photos)


def test_a_missing_wheel_is_reported_with_the_command_that_mends_it(monkeypatch):
    monkeypatch.setattr("iea.data_prep.photographs.find_spec", lambda name: None)
    photos, skipped = bundled_photos()
    assert photos == []
    assert len(skipped) == 15
    assert all("pip install" in s.reason for s in skipped)


def test_the_photographs_are_found_without_importing_their_packages():
    code = (
        "import sys; from iea.data_prep.photographs import bundled_photos; assert bundled_photos()[0]; "
        "print([m for m in ('skimage', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_is_read_recursively_in_order_of_its_paths(photo_folder):
    assert [p.name for p in folder_photos(photo_folder)] == [
        "0.png",
        "1.png",
        "2.png",
        "3.png",
        "4.png",
        "5.png",
        "below/6.png",
    ]


def test_something_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a folder"):
        folder_photos(tmp_path / "absent")


def test_bad_files_are_skipped_with_their_reasons_and_the_rest_is_used(tmp_path, make_photo):
    folder, work = tmp_path / "in", tmp_path / "work"
    make_photo(folder / "good.png", 1)
    make_photo(folder / "tiny.png", 2, height=20, width=100)
    (folder / "broken.jpg").write_bytes(b"not a picture")
    (folder / "cut.png").write_bytes((folder / "good.png").read_bytes()[:400])
    (folder / "copy.png").write_bytes((folder / "good.png").read_bytes())
    Image.new("RGB", (90, 90), (10, 20, 30)).save(folder / "wall.png")
    (folder / "notes.txt").write_text("not listed at all")
    work.mkdir()
    usable, skipped = prepare(folder_photos(folder), 28, work)
    assert [p.photo.name for p in usable] == ["copy.png"]
    reasons = {s.file: s.reason for s in skipped}
    assert set(reasons) == {"good.png", "tiny.png", "broken.jpg", "cut.png", "wall.png"}
    assert "same file as copy.png" in reasons["good.png"]
    assert "100x20 pixels" in reasons["tiny.png"]
    assert "readable picture" in reasons["broken.jpg"]
    assert "no usable crop" in reasons["wall.png"]


def test_no_usable_photograph_is_an_error_that_gives_reasons(tmp_path):
    (tmp_path / "x.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"at least one usable photograph.*x\.png"):
        prepare(folder_photos(tmp_path), 28, tmp_path)


def test_the_working_copy_has_the_cameras_rotation_baked_in(tmp_path, make_photo):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    plain = make_photo(tmp_path / "plain.png", 3, height=40, width=60)
    Image.fromarray(plain).save(tmp_path / "turned.png", exif=exif)
    photo = Photo("turned", tmp_path / "turned.png")
    ((prepared,), _) = prepare([photo], 28, tmp_path)
    with Image.open(prepared.working) as picture:
        assert np.array_equal(np.asarray(picture), np.rot90(plain, k=-1))
    assert prepared.sha256 == file_sha256(photo.path)


def test_working_copies_of_large_photographs_are_reduced(tmp_path, make_photo):
    path: Path = tmp_path / "large.png"
    make_photo(path, 4, height=300, width=400)
    ((prepared,), _) = prepare([Photo("large", path)], 28, tmp_path)
    with Image.open(prepared.working) as picture:
        assert picture.size == (93, 70)

"""Photographs at full size: any format in, metadata kept, the original never touched."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from iea.editor import Image, render
from iea.editor.io import read_image
from iea.recipe.agent.metadata import EXIF_IFD, read_metadata, writable
from iea.recipe.agent.photo import PhotoError, open_photo, result_path
from iea.recipe.agent.save import SUFFIXES

Write = Callable[..., Path]
DEEP = (".png", ".tif", ".tiff")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("deep", [False, True])
def test_every_format_keeps_the_metadata_and_the_colors(
    suffix: str, deep: bool, photo_file: Write, tmp_path: Path
) -> None:
    photo = open_photo(photo_file())
    image = photo.image.astype(np.uint16) * 257 if deep else photo.image
    photo.save(image, tmp_path / f"out{suffix}")
    again = open_photo(tmp_path / f"out{suffix}")
    assert again.image.shape == (451, 300, 3)  # upright
    assert again.image.dtype == (np.uint16 if deep and suffix in DEEP else np.uint8)
    assert photo.metadata.main.items() <= again.metadata.main.items()
    for part in ("exif", "gps", "xmp", "profile"):
        assert getattr(again.metadata, part) == getattr(photo.metadata, part) != type(getattr(again.metadata, part))()
    shown = again.image / 257 if again.image.dtype == np.uint16 else again.image
    assert np.abs(shown - photo.image.astype(float)).mean() < (0.01 if suffix in DEEP else 2)  # of 255; lossy formats


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_result_says_that_it_is_upright(suffix: str, photo_file: Write, tmp_path: Path) -> None:
    photo = open_photo(photo_file())
    photo.save(photo.image, tmp_path / f"out{suffix}")
    with PillowImage.open(tmp_path / f"out{suffix}") as opened:
        assert opened.getexif().get(0x0112, 1) == 1
        assert opened.size == (300, 451)
    assert b'Orientation="1"' in open_photo(tmp_path / f"out{suffix}").metadata.xmp


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_strip_leaves_no_place_and_no_serial_number(suffix: str, photo_file: Write, tmp_path: Path) -> None:
    photo, out = open_photo(photo_file()), tmp_path / f"out{suffix}"
    photo.save(photo.image, out, strip=True)
    found = open_photo(out).metadata
    assert (found.gps, found.xmp) == ({}, b"") and 0xA431 not in found.exif
    assert found.exif[0xA434] == "Lens" and found.profile == photo.metadata.profile
    assert b"SER123" not in out.read_bytes()


def test_metadata_that_a_jpeg_cannot_hold_are_left_out_the_longest_first(
    photo_file: Write, exif: PillowImage.Exif, tmp_path: Path
) -> None:
    exif.get_ifd(0x8769)[0x927C] = bytes(70_000)
    photo = open_photo(photo_file("a.png", exif=exif.tobytes()))
    photo.save(photo.image, tmp_path / "out.jpg")
    again = open_photo(tmp_path / "out.jpg").metadata
    assert photo.metadata.exif.keys() - again.exif.keys() == {0x927C} and again.main == photo.metadata.main


def test_a_value_that_cannot_be_written_costs_itself_alone() -> None:
    values = {0xA432: ((24, 1), (70, 1)), 0xA434: "Lens"}
    assert writable(EXIF_IFD, values.items()) == {0xA434: "Lens"}


def test_an_empty_program_changes_no_pixel_of_a_16_bit_tiff(cat: Image, tmp_path: Path) -> None:
    deep = cat.astype(np.uint16) * 257 + 7
    tifffile.imwrite(tmp_path / "deep.tif", deep, photometric="rgb")
    photo = open_photo(tmp_path / "deep.tif")
    photo.save(render(photo.image, {}), tmp_path / "out.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "out.tif"), deep)


@pytest.mark.parametrize("name", ["cat.heic", "cat.avif"])
def test_photographs_of_phones_become_jpeg(name: str, cat: Image, tmp_path: Path, exif: PillowImage.Exif) -> None:
    if name.endswith("heic"):
        pytest.importorskip("pillow_heif").register_heif_opener()
    PillowImage.fromarray(cat).save(tmp_path / name, quality=90)
    photo = open_photo(tmp_path / name)
    assert photo.image.shape == cat.shape and np.abs(photo.image.astype(int) - cat).mean() < 6
    out = result_path(photo.path)
    photo.save(photo.image, out)
    assert out.name == "cat_edited.jpg" and read_image(out).shape == cat.shape


def test_a_new_result_never_replaces_a_file(photo_file: Write, tmp_path: Path) -> None:
    photo, out = open_photo(photo_file()), tmp_path / "out.png"
    photo.save(photo.image, out, new=True)
    written = out.read_bytes()
    with pytest.raises(FileExistsError, match="cannot write: File exists"):
        photo.save(photo.image // 2, out, new=True)
    assert out.read_bytes() == written and sorted(path.name for path in tmp_path.iterdir()) == ["cat.jpg", "out.png"]


def test_an_error_names_the_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "空.jpg").write_bytes(b"")
    for name in ("空.jpg", "none.jpg"):
        with pytest.raises(PhotoError) as failure:
            open_photo(tmp_path / name)
        text = str(failure.value)
        assert f"{tmp_path / name}" in text and text.count("'") % 2 == 0


def test_names_of_results_are_free(photo_file: Write, tmp_path: Path) -> None:
    path = photo_file("Cat.JPG", format="JPEG")
    first = result_path(path)
    first.write_bytes(b"")
    assert (first.name, result_path(path).name) == ("Cat_edited.JPG", "Cat_edited2.JPG")
    for out, rule in ((path, "must be a new file"), (tmp_path / "a.psd", "must end in .jpg")):
        with pytest.raises(ValueError, match=rule):
            result_path(path, out)


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"no image", "unknown image format"), (b"\xff\xd8\xff\xe0", "readable image"), (None, "does not exist")],
)
def test_a_file_that_is_no_photograph_is_named(content: bytes | None, rule: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PhotoError, match=rule):
        open_photo(path)


def test_a_profile_that_pixels_cannot_be_converted_to_is_left_out(
    photo_file: Write, profile: bytes, tmp_path: Path
) -> None:
    without_tables = profile[:128] + bytes(4) + profile[132:]
    photo = open_photo(photo_file("a.png", icc_profile=without_tables))
    assert photo.metadata.profile == without_tables
    photo.save(photo.image, tmp_path / "out.png")
    assert (read_image(tmp_path / "out.png") == photo.image).all()
    assert read_metadata((tmp_path / "out.png").read_bytes()).profile == b""


def test_damaged_metadata_do_not_cost_the_photograph(cat: Image, tmp_path: Path) -> None:
    PillowImage.fromarray(cat).save(
        tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f", icc_profile=b"broken" * 30
    )
    photo = open_photo(tmp_path / "a.jpg")
    photo.save(photo.image, tmp_path / "out.jpg")
    assert read_image(tmp_path / "out.jpg").shape == cat.shape

"""JPEG 2000: its color boxes, inks and depths."""

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image as PillowImage
from profiled import WIDE, Pixels, by_little_cms, refusal, save

from iea.editor.color import linear_to_srgb
from iea.editor.formats.picture import PictureError
from iea.editor.io import read_image


def with_box(data: bytes, box: bytes) -> bytes:
    """Return a JPEG 2000 with another color box."""
    at = data.index(b"colr") - 4
    box = struct.pack(">I", 8 + len(box)) + b"colr" + box
    outer = data.rindex(b"jp2h", 0, at) - 4
    size = int.from_bytes(data[outer : outer + 4], "big") + len(box) - 15
    return data[:outer] + struct.pack(">I", size) + data[outer + 4 : at] + box + data[at + 15 :]


@pytest.mark.parametrize("space", [0, 1, 3, 11, 13, 14, 15, 19, 20, 21, 24, 9999])
def test_other_color_spaces_of_jpeg_2000_are_refused(space: int, rgb: Pixels, tmp_path: Path) -> None:
    save(tmp_path / "a.jp2", PillowImage.fromarray(rgb), "JPEG2000")
    data = (tmp_path / "a.jp2").read_bytes()
    (tmp_path / "a.jp2").write_bytes(with_box(data, b"\1\0\0" + struct.pack(">I", space)))
    assert refusal(tmp_path / "a.jp2") == "unsupported_image"


@pytest.mark.parametrize("method", [2, 3, 5])
def test_every_description_of_colors_in_jpeg_2000_is_applied(method: int, rgb: Pixels, tmp_path: Path) -> None:
    read = save(tmp_path / "a.jp2", PillowImage.fromarray(rgb), "JPEG2000")
    data = (tmp_path / "a.jp2").read_bytes()
    colors = struct.pack(">HHHB", 1, 8, 0, 128) if method == 5 else WIDE
    text = struct.pack(">I4s", 24, b"uuid") + b"colr\1\0\0\0 nclx"  # before the header: not a box of colors
    start = data.index(b"jp2h") - 4
    box = bytes([method, 0, 0]) + colors
    (tmp_path / "a.jp2").write_bytes(data[:start] + text.ljust(24, b"\0") + with_box(data, box)[start:])
    expected = 255 * linear_to_srgb(rgb / 255) if method == 5 else by_little_cms(read, WIDE)
    assert np.abs(read_image(tmp_path / "a.jp2") - expected).max() <= 1


def test_the_inks_of_jpeg_2000_are_read(rgb: Pixels, tmp_path: Path) -> None:
    inks = PillowImage.fromarray(rgb).convert("CMYK")
    PillowImage.fromarray(np.asarray(inks), "RGBA").save(tmp_path / "a.jp2", "JPEG2000")
    data = (tmp_path / "a.jp2").read_bytes()
    (tmp_path / "a.jp2").write_bytes(with_box(data, b"\1\0\0" + struct.pack(">I", 12)))
    assert np.abs(read_image(tmp_path / "a.jp2").astype(int) - rgb).max() <= 2


def test_a_deep_component_of_jpeg_2000_is_refused(rgb: Pixels, tmp_path: Path) -> None:
    save(tmp_path / "a.jp2", PillowImage.fromarray(rgb), "JPEG2000")
    whole = (tmp_path / "a.jp2").read_bytes()
    for component in range(3):
        data = bytearray(whole)
        data[data.index(b"\xff\x4f\xff\x51") + 42 + 3 * component] = 15
        (tmp_path / "a.jp2").write_bytes(data)
        assert refusal(tmp_path / "a.jp2") == "unsupported_image"


def test_a_plain_picture_is_read_and_a_deep_one_is_refused(rgb: Pixels, tmp_path: Path) -> None:
    save(tmp_path / "a.jp2", PillowImage.fromarray(rgb), "JPEG2000")
    assert np.array_equal(read_image(tmp_path / "a.jp2"), rgb)
    (tmp_path / "deep.jp2").write_bytes(imagecodecs.jpeg2k_encode(rgb.astype(np.uint16) * 257, codecformat="jp2"))
    with pytest.raises(PictureError, match="8 unsigned bits"):
        read_image(tmp_path / "deep.jp2")

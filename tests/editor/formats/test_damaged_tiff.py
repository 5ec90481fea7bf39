"""A TIFF whose tags are missing, damaged or at odds with its data is refused: none of them gives another picture."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image as PillowImage

from iea.editor.formats.picture import PictureError
from iea.editor.io import read_image

pytestmark = pytest.mark.slow  # the module as a whole

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, SAMPLES, ROWS, COUNTS, PLANES = (
    256, 257, 258, 259, 262, 273, 277, 278, 279, 284,
)  # fmt: skip
UNUSED = 65000
Pixels = NDArray[np.uint8]
Change = Callable[[bytearray, dict[int, int]], None]


@pytest.fixture(scope="module")
def rgb() -> Pixels:
    y, x = np.mgrid[:40, :64]
    return np.stack([4 * x, 6 * y, 2 * (x + y)], axis=-1).astype(np.uint8)


def outcome(path: Path) -> str:
    try:
        read_image(path)
    except PictureError as error:
        return error.reason
    return "read"


def entries(data: bytes) -> dict[int, int]:
    """Return the places of the tags of the first page."""
    start = struct.unpack_from("<I", data, 4)[0]
    (count,) = struct.unpack_from("<H", data, start)
    places = range(start + 2, start + 2 + 12 * count, 12)
    return {struct.unpack_from("<H", data, at)[0]: at for at in places}


def changed(data: bytes, *changes: tuple[int, str, int]) -> bytes:
    """Return a TIFF with the "code", "kind", "count" or "value" of some tags replaced; the value inside the tag or elsewhere."""
    edited, places = bytearray(data), entries(data)
    for tag, field, number in changes:
        at = places[tag]
        kind, count, where = struct.unpack_from("<HII", edited, at + 2)
        form = {3: "<H", 4: "<I"}.get(kind, "<I")
        inside = count * {3: 2, 4: 4}.get(kind, 4) <= 4
        place, form = {
            "code": (at, "<H"),
            "kind": (at + 2, "<H"),
            "count": (at + 4, "<I"),
            "value": (at + 8 if inside else where, form),
        }[field]
        struct.pack_into(form, edited, place, number)
    return bytes(edited)


def written(pixels: Pixels, **options: object) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, **{"photometric": "rgb", "metadata": None} | options)
    return stream.getvalue()


def by_pillow(pixels: Pixels) -> bytes:
    """Return a TIFF of JPEG."""
    stream = io.BytesIO()
    PillowImage.fromarray(pixels).save(stream, "TIFF", compression="jpeg")
    return stream.getvalue()


STORED = {
    "raw": written,
    "zlib": lambda rgb: written(rgb, compression="zlib"),
    "planes": lambda rgb: written(np.moveaxis(rgb, -1, 0), planarconfig="separate"),
    "jpeg": by_pillow,
}


@pytest.mark.parametrize("storage", STORED)
@pytest.mark.parametrize("tag", [WIDTH, LENGTH, BITS, PHOTOMETRIC, SAMPLES, PLANES])
@pytest.mark.parametrize(
    ("field", "number"),
    [("code", UNUSED), ("kind", 13), ("kind", 0xFFFF), ("count", 0), ("value", 0), ("value", 0xFFFF)],
)
def test_no_damaged_tag_gives_another_picture(
    storage: str, tag: int, field: str, number: int, rgb: Pixels, tmp_path: Path
) -> None:
    path, whole = tmp_path / "a.tif", STORED[storage](rgb)
    path.write_bytes(whole)
    expected = read_image(path)
    path.write_bytes(changed(whole, (tag, field, number)))
    try:
        assert np.array_equal(read_image(path), expected)
    except PictureError as error:
        assert error.reason in ("broken_image", "unsupported_image", "decompression_bomb")


@pytest.mark.parametrize("tag", [WIDTH, LENGTH, BITS, PHOTOMETRIC])
def test_a_missing_tag_is_broken(tag: int, rgb: Pixels, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(changed(written(rgb), (tag, "code", UNUSED)))
    assert outcome(tmp_path / "a.tif") == "broken_image"


@pytest.mark.parametrize("number", [0, 3, 0xFFFF])
def test_planes_of_an_unknown_order_are_broken(number: int, rgb: Pixels, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(changed(STORED["planes"](rgb), (PLANES, "value", number)))
    assert outcome(tmp_path / "a.tif") == "broken_image"


def test_a_fax_needs_no_depth(rgb: Pixels, tmp_path: Path) -> None:
    stream = io.BytesIO()
    PillowImage.fromarray(rgb).convert("1").save(stream, "TIFF", compression="group4")
    for name, data in (("a", stream.getvalue()), ("b", changed(stream.getvalue(), (BITS, "code", UNUSED)))):
        (tmp_path / name).write_bytes(data)
    assert np.array_equal(read_image(tmp_path / "a"), read_image(tmp_path / "b"))


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits"])
@pytest.mark.parametrize("storage", [{"rowsperstrip": 8}, {"tile": (16, 16)}], ids=["strips", "tiles"])
def test_a_part_at_no_place_is_broken(
    compression: str | None, storage: dict[str, object], rgb: Pixels, tmp_path: Path
) -> None:
    data = written(rgb, compression=compression, **storage)
    (tmp_path / "a.tif").write_bytes(data)
    assert outcome(tmp_path / "a.tif") == "read"
    offsets = OFFSETS if OFFSETS in entries(data) else 324
    (tmp_path / "a.tif").write_bytes(changed(data, (offsets, "value", 0)))
    assert outcome(tmp_path / "a.tif") == "broken_image"


@pytest.mark.parametrize(
    "sides", [(90, 40), (64, 60), (40, 64), (32, 80), (32, 40), (64, 20), (0, 40), (64, 0)], ids=str
)
def test_a_jpeg_of_other_sides_is_broken(sides: tuple[int, int], rgb: Pixels, tmp_path: Path) -> None:
    width, length = sides
    data = changed(by_pillow(rgb), (WIDTH, "value", width), (LENGTH, "value", length), (ROWS, "value", length))
    (tmp_path / "a.tif").write_bytes(data)
    assert outcome(tmp_path / "a.tif") == "broken_image"


@pytest.mark.parametrize("missing", [4, 100, 400])
def test_a_jpeg_that_is_cut_is_broken(missing: int, rgb: Pixels, tmp_path: Path) -> None:
    data = by_pillow(rgb)
    count = struct.unpack_from("<I", data, entries(data)[COUNTS] + 8)[0]
    (tmp_path / "a.tif").write_bytes(changed(data, (COUNTS, "value", count - missing)))
    assert outcome(tmp_path / "a.tif") == "broken_image"


@pytest.mark.parametrize("storage", [{"rowsperstrip": 24}, {"tile": (48, 48)}, {}], ids=str)
def test_jpegs_of_whole_parts_are_read(storage: dict[str, object], rgb: Pixels, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(written(rgb, compression="jpeg", compressionargs={"level": 95}, **storage))
    assert np.abs(read_image(tmp_path / "a.tif").astype(int) - rgb).mean() < 4


@pytest.mark.parametrize("kinds", [(1, 0), (4, 0), (1, 4, 0), (5, 0), (0, 1), (2, 0)], ids=str)
@pytest.mark.parametrize("compression", ["zlib", "jpeg"])
def test_the_first_page_that_is_no_thumbnail_is_read(
    kinds: tuple[int, ...], compression: str, rgb: Pixels, tmp_path: Path
) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for kind in kinds:
            if kind & 4:
                file.write(rgb[..., 0] > 99, photometric="minisblack", compression="zlib", subfiletype=kind)
                continue
            page = rgb[::2, ::2] if kind & 1 else rgb if kind == 0 else 255 - rgb
            file.write(page, photometric="rgb", compression=compression, subfiletype=kind)
    expected = 255 - rgb if kinds[0] == 2 else rgb
    image = read_image(tmp_path / "a.tif")
    assert image.shape == rgb.shape and np.abs(image.astype(int) - expected).mean() < 12


def test_a_thumbnail_alone_is_read(rgb: Pixels, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(written(rgb, subfiletype=1))
    assert np.array_equal(read_image(tmp_path / "a.tif"), rgb)


@pytest.mark.parametrize("compression", [8, 5, 1, 7])
@pytest.mark.parametrize("side", [16_384, 1_048_576])
def test_a_tile_is_no_larger_than_a_picture_may_be(compression: int, side: int, tmp_path: Path) -> None:
    data = zlib.compress(bytes(16_384))
    tags = [(WIDTH, 64), (LENGTH, 64), (BITS, 8), (COMPRESSION, compression), (PHOTOMETRIC, 1), (SAMPLES, 1)]
    tags += [(322, side), (323, side), (324, 134), (325, len(data))]
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    (tmp_path / "a.tif").write_bytes(b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4) + data)
    assert outcome(tmp_path / "a.tif") == "decompression_bomb"

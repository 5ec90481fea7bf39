"""Sizes are looked at before pixels are decoded; memory is bounded; odd metadata costs no pixels."""

import io
import json
import os
import pickle
import random
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import features

from iea.editor.formats.picture import FREE_PIXELS, MAX_PIXELS, PictureError, check_size, open_picture
from iea.editor.io import MAX_BYTES_PER_PIXEL, read_image


def reason(path: Path) -> str:
    with pytest.raises(PictureError) as caught:
        read_image(path)
    return caught.value.reason


def tiff(width: int, height: int, data: bytes, compression: int = 1, bits: int = 16) -> bytes:
    """Return an RGB TIFF of one strip that claims a size."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, compression), (262, 3, 1), (273, 4, 122)]
    tags += [(277, 3, 1), (278, 4, height), (279, 4, len(data))]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4) + data


def assembled(chunks: list[tuple[bytes, bytes]], wrong: bool = False) -> bytes:
    """Return a PNG; `wrong` checksums of all that is neither size nor pixels."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, data in chunks:
        spoiled = wrong and name not in (b"IHDR", b"IDAT", b"IEND")
        parts.append(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data) ^ spoiled))
    return b"".join(parts)


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0)
    return assembled([(b"IHDR", head), (b"IDAT", zlib.compress(bytes(9000)))])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("raw tiff", tiff(16_800_000, 8, bytes(400))),
        ("deflate tiff", tiff(16_800_000, 8, zlib.compress(bytes(10_000)), compression=8)),
        ("jpeg tiff", tiff(8, 16_800_000, bytes(400), compression=7, bits=8)),
        ("huge tiff", tiff(2**31, 2**31, bytes(400))),
        ("png", png(40_000, 40_000)),
        ("flat png", png(8_000, 8_000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_claims_more_than_it_can_hold_is_refused(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert reason(tmp_path / name) == "decompression_bomb"


def test_a_flat_picture_is_refused_above_some_size(tmp_path: Path) -> None:
    PillowImage.new("L", (4_200, 4_200)).save(tmp_path / "a.webp", lossless=True, method=0)
    assert reason(tmp_path / "a.webp") == "decompression_bomb"


def test_sizes_within_the_limits_pass() -> None:
    check_size(4096, FREE_PIXELS // 4096, 100)
    check_size(1, MAX_PIXELS, MAX_PIXELS)
    with pytest.raises(PictureError, match="must have at most"):
        check_size(1, MAX_PIXELS + 1, MAX_PIXELS)


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0), (-1, 5), (5, -1)])
def test_a_side_of_no_pixels_is_broken(width: int, height: int) -> None:
    with pytest.raises(PictureError, match="at least 1 pixel") as caught:
        check_size(width, height, 100)
    assert caught.value.reason == "broken_image"


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "JPEG"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_file_of_no_pixels_is_refused_in_every_format(kind: str, side: int, tmp_path: Path) -> None:
    stream = io.BytesIO()
    PillowImage.fromarray(np.zeros((20, 30, 3), np.uint8)).save(stream, kind)
    data = bytearray(stream.getvalue())
    if kind == "PPM":
        data[3:8] = (b"00 20", b"30 00")[side]
    elif kind == "TIFF":
        at = data.index(struct.pack("<HHI", 256 + side, 4, 1))
        struct.pack_into("<I", data, at + 8, 0)
    elif kind == "JPEG":
        at = data.index(b"\xff\xc0") + (7, 5)[side]
        data[at : at + 2] = bytes(2)
    else:
        at, form = {"PNG": ((16, 20), ">I"), "BMP": ((18, 22), "<i")}[kind]
        struct.pack_into(form, data, at[side], 0)
    (tmp_path / "a").write_bytes(data)
    assert reason(tmp_path / "a") in ("broken_image", "not_an_image")


@pytest.mark.parametrize("compression", ["zlib", "zstd", "lzma", "jpeg", "jpegxl"])
def test_a_strip_that_swells_is_no_larger_than_the_picture(compression: str, tmp_path: Path) -> None:
    flat = np.zeros((600, 600), np.uint8)
    image_codec = compression.startswith("jpeg")
    data = getattr(imagecodecs, f"{compression}_encode")(flat if image_codec else flat.tobytes())
    number = {"zlib": 8, "zstd": 50000, "lzma": 34925, "jpeg": 7, "jpegxl": 50002}[compression]
    (tmp_path / "a.tif").write_bytes(tiff(100, 100, data, number, bits=8))
    try:
        assert read_image(tmp_path / "a.tif").shape == (100, 100, 3)
    except PictureError as error:
        assert error.reason in ("broken_image", "unsupported_image")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured by Linux")
def test_a_picture_takes_no_more_memory_than_promised(script: Callable[..., object], tmp_path: Path) -> None:
    found = json.loads(script("picture_memory", tmp_path).stdout)  # type: ignore[attr-defined]
    assert len(found) >= 10
    assert {name: bytes_ for name, bytes_ in found.items() if not 3 <= bytes_ <= MAX_BYTES_PER_PIXEL} == {}


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(OSError, match="must be a file"):
        read_image(tmp_path / "a.png")


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PictureError("broken_image", "it is cut")))
    assert (error.reason, str(error)) == ("broken_image", "it is cut")


def test_heic_without_its_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # import pillow_heif fails
    assert reason(tmp_path / "a.heic") == "heic_needs_pillow_heif"


def test_a_program_in_postscript_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    assert reason(tmp_path / "a.jpg") == "not_an_image"


EXIF = [
    (0x0112, 3, 6),
    (0x0112, 1, b"\x06"),
    (0x0112, 2, b"6\0"),
    (0x0112, 4, 6),
    (0x0112, 5, (6, 1)),
    (0x0112, 5, (6, 0)),
    (0x0112, 11, float("inf")),
    (0x0112, 12, float("nan")),
    (0x0112, 3, 77),
    (0x0112, 99, 6),
]


def exif(tag: int, kind: int, value: object) -> bytes:
    """Return EXIF data of one tag."""
    form = {1: "B", 2: "2s", 3: "H", 4: "I", 5: "II", 11: "f", 12: "d", 99: "I"}[kind]
    values = value if isinstance(value, tuple) else (value[0] if kind == 1 else value,)  # type: ignore[index]
    data = struct.pack(f"<{form}", *values)
    inside = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", 26)
    return b"Exif\0\0II*\0" + struct.pack("<IHHHI", 8, 1, tag, kind, 1) + inside + bytes(4) + data


@pytest.mark.parametrize(("tag", "kind", "value"), EXIF, ids=str)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_an_odd_orientation_costs_no_pixels(tag: int, kind: int, value: object, suffix: str, tmp_path: Path) -> None:
    pixels = np.repeat(np.arange(0, 240, 10, dtype=np.uint8), 24 * 3).reshape(24, 24, 3)
    path = tmp_path / f"a.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    PillowImage.fromarray(pixels).save(path, exif=exif(tag, kind, value), **options)
    image = read_image(path).astype(int)
    turned = [pixels, np.rot90(pixels, -1)]
    assert min(np.abs(image - one).max() for one in turned) <= 8  # JPEG
    if (kind, value) == (3, 6):
        assert np.abs(image - turned[1]).max() <= 8


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


@pytest.mark.parametrize("bits", [8, 16])
def test_damaged_metadata_of_a_png_costs_no_pixels(bits: int, tmp_path: Path) -> None:
    rng = random.Random(0)
    pixels = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3).astype(np.uint8)
    stream = io.BytesIO()
    metadata = PillowImage.Exif()
    metadata[0x010F] = "Maker"
    PillowImage.fromarray(pixels).save(
        stream, "PNG", icc_profile=imagecodecs.cms_profile("srgb"), exif=metadata, dpi=(72, 72)
    )
    head, *metadata_chunks = [one for one in chunks(stream.getvalue()) if one[0] not in (b"IDAT", b"IEND")]
    if bits == 16:
        stream = io.BytesIO(imagecodecs.png_encode(pixels.astype(np.uint16) * 257))
        head = chunks(stream.getvalue())[0]
    body = [one for one in chunks(stream.getvalue()) if one[0] in (b"IDAT", b"IEND")]
    path = tmp_path / "a.png"
    for _ in range(100):
        damaged = []
        for name, data in metadata_chunks:
            changed = bytearray(data)
            for _ in range(rng.randint(0, 3)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            kept = rng.choice((len(changed), rng.randrange(len(changed))))
            damaged.append((name, bytes(changed[:kept])))
        path.write_bytes(assembled([head, *damaged, *body], wrong=rng.random() < 0.3))
        image = read_image(path)
        assert image.shape in (pixels.shape, (30, 20, 3)) and image.dtype == (np.uint16 if bits == 16 else np.uint8)


def test_metadata_that_can_be_read_is_used_beside_some_that_cannot(tmp_path: Path) -> None:
    image = PillowImage.fromarray(np.zeros((4, 8, 3), np.uint8))
    metadata = PillowImage.Exif()
    metadata[0x0112] = 6
    stream = io.BytesIO()
    image.save(stream, "PNG", exif=metadata, dpi=(72, 72))
    data = stream.getvalue()
    at = data.index(b"pHYs")
    (tmp_path / "a.png").write_bytes(data[: at + 5] + b"\xff" + data[at + 6 :])  # its checksum no longer fits
    assert read_image(tmp_path / "a.png").shape == (8, 4, 3)
    assert open_picture(data).orientation == 6


@pytest.mark.filterwarnings("ignore")  # Pillow's, of odd EXIF data
@pytest.mark.parametrize("kind", ["AVIF", "HEIF", "JPEG", "WEBP"])
def test_damaged_exif_data_cost_no_pixels(kind: str, tmp_path: Path) -> None:
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    metadata = PillowImage.Exif()
    metadata.update({0x010F: "Maker", 0x0112: 1, 0x011A: 72.0})
    stream = io.BytesIO()
    PillowImage.fromarray(np.full((20, 30, 3), 99, np.uint8)).save(stream, kind, exif=metadata)
    data, rng = stream.getvalue(), random.Random(0)
    start = max(data.find(b"II*\0"), data.find(b"MM\0*"))
    assert start > 0
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            changed[start + rng.randrange(len(metadata.tobytes()) - 6)] = rng.choice((0, 1, 255, rng.randrange(256)))
        (tmp_path / "a").write_bytes(changed)
        assert read_image(tmp_path / "a").shape in ((20, 30, 3), (30, 20, 3))

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, features

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES, RAW_SUFFIXES, read_photograph, to_8_bits, to_16_bits
from iea.data_prep.ingest.prophoto import GAMMA, PRIMARIES, prophoto
from iea.data_prep.runner import RejectedError

RGB = NDArray[np.uint8]


@pytest.fixture
def rgb() -> RGB:
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def rejected(path: Path) -> str:
    with pytest.raises(RejectedError) as caught:
        read_photograph(path)
    assert caught.value.text.isascii()
    return caught.value.reason


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb() -> bytes:
    """A PNG of 40,000 x 40,000 pixels in a few kilobytes."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_images_are_rejected(tmp_path: Path, rgb: RGB, kind: str, share: float) -> None:
    data = encoded(Image.fromarray(rgb), kind)
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(data[: int(len(data) * share)])
    assert rejected(path) in ("broken_image", "not_an_image", "unsupported_image")


def test_a_truncated_16_bit_image_is_rejected(tmp_path: Path, rgb: RGB) -> None:
    path = tmp_path / "a.png"
    data = cv2.imencode(".png", to_16_bits(rgb))[1].tobytes()
    path.write_bytes(data[: len(data) // 2])
    assert rejected(path) == "broken_image"


def test_an_image_with_wrong_bytes_is_rejected(tmp_path: Path, rgb: RGB) -> None:
    data = bytearray(encoded(Image.fromarray(rgb), "PNG"))
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert rejected(path) == "broken_image"


@pytest.mark.parametrize("data", [b"", b"\0" * 1000, b"<svg/>", b"%PDF-1.4", b"\xff\xd8"])
def test_other_files_are_rejected(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert rejected(path) in ("not_an_image", "broken_image")


def test_missing_and_unreadable_files_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert rejected(tmp_path / "none.png") == "missing"
    assert rejected(tmp_path / "none.dng") == "missing"
    assert rejected(tmp_path / "file" / "a.png") == "missing"
    assert rejected(tmp_path / "folder.png") == "not_a_file"
    assert rejected(tmp_path / "loop.png") == "unreadable"
    assert rejected(tmp_path / ("x" * 300 + ".png")) == "unreadable"


def test_a_decompression_bomb_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb())
    assert rejected(path) == "decompression_bomb"


def test_a_large_image_is_read(tmp_path: Path, rgb: RGB, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Image, "MAX_IMAGE_PIXELS", rgb.size // 3 - 1
    )  # Pillow warns above this, and raises above twice as much
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(rgb), "PNG"))
    np.testing.assert_array_equal(read_photograph(path), rgb)


def test_gray_alpha_palette_and_cmyk_become_rgb(tmp_path: Path, rgb: RGB) -> None:
    image = Image.fromarray(rgb)
    transparent = image.convert("RGBA")
    transparent.putalpha(0)
    makes = {"L": image.convert("L"), "P": image.convert("P"), "CMYK": image.convert("CMYK"), "RGBA": transparent}
    found = {}
    for mode, made in makes.items():
        path = tmp_path / f"{mode}.tif"
        path.write_bytes(encoded(made, "TIFF"))
        found[mode] = read_photograph(path)
        assert found[mode].shape == rgb.shape and found[mode].dtype == np.uint8
    assert (np.ptp(found["L"], axis=2) == 0).all()
    assert (found["RGBA"] == 255).all()  # on white
    assert np.abs(found["CMYK"].astype(int) - rgb).max() <= 2


def test_float_pixels_are_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(encoded(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"))
    assert rejected(path) == "unsupported_image"


def test_a_broken_profile_is_ignored(tmp_path: Path, rgb: RGB) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(rgb), "PNG", icc_profile=b"no profile"))
    np.testing.assert_array_equal(read_photograph(path), rgb)


def test_exif_rotation_is_applied(tmp_path: Path, rgb: RGB) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.png"
    path.write_bytes(encoded(Image.fromarray(np.rot90(rgb)), "PNG", exif=exif))
    np.testing.assert_array_equal(read_photograph(path), rgb)


KINDS = {"png": "PNG", "tif": "TIFF", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "avif": "AVIF"}
KINDS |= dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "JPEG") | dict.fromkeys(("heic", "heif", "hif"), "HEIF")
KINDS |= dict.fromkeys(("jp2", "j2k", "j2c", "jpc", "jpf", "jpx"), "JPEG2000") | {"tiff": "TIFF"}


@pytest.mark.parametrize("suffix", sorted(DECODABLE_SUFFIXES - RAW_SUFFIXES))
@pytest.mark.parametrize("named", [True, False], ids=["named as it is", "named as another"])
def test_an_image_of_every_suffix_is_decoded(suffix: str, named: bool, tmp_path: Path) -> None:
    kind = KINDS[suffix[1:]]
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, 20:] = (200, 120, 60)
    path = tmp_path / (f"a{suffix}" if named else "a.jpg")
    Image.fromarray(pixels).save(path, kind)
    assert np.abs(read_photograph(path).astype(int) - pixels)[:, 30:].max() <= 12


def test_a_file_name_need_not_be_utf_8(tmp_path: Path, rgb: RGB) -> None:
    path = tmp_path / os.fsdecode(b"\xff\xfe.png")
    path.write_bytes(encoded(Image.fromarray(rgb), "PNG"))
    np.testing.assert_array_equal(read_photograph(path), rgb)
    path.write_bytes(b"broken")
    assert rejected(path) == "not_an_image"


def test_depths_are_converted_white_to_white(rgb: RGB) -> None:
    np.testing.assert_array_equal(to_8_bits(to_16_bits(rgb)), rgb)
    assert to_16_bits(np.full((1, 1, 3), 255, np.uint8)).max() == 65535
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    np.testing.assert_array_equal(to_8_bits(levels), np.rint(levels / 257))


def prophoto_to_srgb(pixels: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Convert ProPhoto to sRGB in floats, [0, 1], by the standards' numbers, with Bradford's adaptation to D65."""
    xyz_d50 = (pixels / 65535) ** GAMMA @ np.array(PRIMARIES)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50, d65 = np.array([0.96422, 1, 0.82521]), np.array([0.95047, 1, 1.08883])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d65) / (bradford @ d50)) @ bradford
    from_d65 = np.array(
        [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
    )
    linear = np.clip(xyz_d50 @ adapt.T @ from_d65.T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def write_tiff(path: Path, pixels: NDArray[np.uint16], profile: bytes = b"") -> None:
    """Write a 16-bit RGB TIFF, one strip, little-endian, with or without a profile; Pillow cannot."""
    height, width = pixels.shape[:2]
    data = pixels.astype("<u2").tobytes()
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 0), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 1, 0), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, len(data))]
    tags += [(34675, 7, len(profile), 0)] if profile else []
    after = 8 + 2 + 12 * len(tags) + 4
    place = {258: after, 273: after + 6 + len(profile), 34675: after + 6}
    entries = b"".join(
        struct.pack("<HHII", tag, kind, count, place.get(tag, value)) for tag, kind, count, value in tags
    )
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    path.write_bytes(head + struct.pack("<3H", 16, 16, 16) + profile + data)


@pytest.mark.parametrize("profile", [prophoto(), b""], ids=["tagged", "untagged"])
def test_16_bit_prophoto_becomes_srgb(tmp_path: Path, profile: bytes) -> None:
    pixels = np.random.default_rng(1).integers(0, 65536, (64, 64, 3), dtype=np.uint16)
    pixels[:8] = np.linspace(0, 65535, 8 * 64).reshape(8, 64, 1)  # grays
    path = tmp_path / "a.tif"
    write_tiff(path, pixels, profile)
    image = read_photograph(path, "prophoto")
    assert image.dtype == np.uint16
    assert np.abs(image / 65535 - prophoto_to_srgb(pixels)).max() < 1 / 255
    assert np.abs(image[:8] / 65535 - prophoto_to_srgb(pixels[:8])).max() < 0.2 / 255


def test_an_untagged_tiff_of_other_sources_is_srgb(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 65536, (8, 9, 3), dtype=np.uint16)
    write_tiff(tmp_path / "a.tif", pixels)
    np.testing.assert_array_equal(read_photograph(tmp_path / "a.tif"), pixels)


def test_little_cms_agrees_on_the_prophoto_profile(rgb: RGB) -> None:
    source = ImageCms.ImageCmsProfile(io.BytesIO(prophoto()))
    turned = ImageCms.profileToProfile(
        Image.fromarray(rgb), source, ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    assert turned is not None
    expected = prophoto_to_srgb(to_16_bits(rgb)) * 255
    assert np.abs(np.asarray(turned) - expected).mean() < 0.6  # 8-bit rounding


def dng(path: Path, pixels: NDArray[np.uint16], tifffile: object) -> None:
    """Write a linear DNG of a camera with sRGB primaries, without white balance or black level."""
    to_camera = [32405, -15371, -4985, -9693, 18760, 416, 556, -2040, 10572]  # XYZ -> linear sRGB, of 10,000
    matrix = tuple(number for value in to_camera for number in (value, 10_000))
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (50708, "s", 0, "Camera", True),
        (50717, "I", 1, 65535, True),  # WhiteLevel
        (50721, "2i", 9, matrix, True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),  # illuminant D65
    ]
    tifffile.imwrite(path, pixels, photometric=34892, planarconfig="contig", extratags=tags)  # type: ignore[attr-defined]


def test_a_raw_file_is_developed(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    tifffile = pytest.importorskip("tifffile")
    linear = np.zeros((64, 96, 3), np.uint16)
    linear[:, :48], linear[:, 48:] = 8000, (16000, 8000, 4000)
    dng(tmp_path / "a.dng", linear, tifffile)
    image = read_photograph(tmp_path / "a.dng", "prophoto")
    assert image.shape == linear.shape and image.dtype == np.uint16
    expected = 1.055 * (linear / 65535) ** (1 / 2.4) - 0.055
    assert np.abs(image / 65535 - expected)[8:-8, 8:40].max() < 0.002
    assert np.abs(image / 65535 - expected)[8:-8, 56:-8].max() < 0.002


def test_a_broken_raw_file_is_rejected(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    (tmp_path / "a.dng").write_bytes(b"II*\0" + bytes(500))
    assert rejected(tmp_path / "a.dng") == "broken_raw"


def test_a_raw_file_that_claims_too_much_is_rejected(tmp_path: Path) -> None:
    pytest.importorskip("rawpy")
    tifffile = pytest.importorskip("tifffile")
    dng(tmp_path / "a.dng", np.zeros((64, 96, 3), np.uint16), tifffile)
    with tifffile.TiffFile(tmp_path / "a.dng") as file:
        places = [file.pages.first.tags[tag].valueoffset for tag in (256, 257, 278)]
    data = bytearray((tmp_path / "a.dng").read_bytes())
    for at in places:
        data[at : at + 4] = struct.pack("<I", 40_000)
    (tmp_path / "a.dng").write_bytes(data)
    assert rejected(tmp_path / "a.dng") in ("decompression_bomb", "broken_raw")


def test_raw_files_without_rawpy_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)  # import rawpy fails
    (tmp_path / "a.dng").touch()
    assert rejected(tmp_path / "a.dng") == "raw_needs_rawpy"


@pytest.mark.parametrize("suffix", [".jpg", ".nef"])
def test_a_name_that_no_file_can_have_is_missing(suffix: str) -> None:
    assert rejected(Path(f"a\0b{suffix}")) == "missing"

"""Image files: depth, rotation, color profiles, transparency, faults, and atomic writing."""

import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage
from PIL import ImageCms, ImageOps

from iea.editor import Image
from iea.editor.formats.icc import to_srgb
from iea.editor.io import read_image, replacing, write_image

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def turned_profile() -> bytes:
    """Return sRGB with its primaries rotated by one: green, blue and red of an image in it are red, green and blue."""
    profile = bytearray(SRGB)
    names = [profile[132 + 12 * k : 136 + 12 * k] for k in range(struct.unpack_from(">I", profile, 128)[0])]
    for name, new in ((b"rXYZ", b"gXYZ"), (b"gXYZ", b"bXYZ"), (b"bXYZ", b"rXYZ")):
        at = 132 + 12 * names.index(name)
        profile[at : at + 4] = new
    return bytes(profile)


def with_curve(curve: bytes) -> bytes:
    """Return sRGB with other tone curves, appended to the file."""
    profile = bytearray(SRGB)
    for k in range(struct.unpack_from(">I", profile, 128)[0]):
        if profile[132 + 12 * k + 1 : 136 + 12 * k] == b"TRC":
            struct.pack_into(">II", profile, 136 + 12 * k, len(SRGB), len(curve))
    struct.pack_into(">I", profile, 0, len(SRGB) + len(curve))
    return bytes(profile + curve)


def deep(image: Image) -> Image:
    return image.astype(np.uint16) * 257 + 3


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".bmp", ".PNG"])
def test_8_bit_files_round_trip(suffix: str, chart: Image, tmp_path: Path) -> None:
    write_image(tmp_path / f"chart{suffix}", chart)
    assert np.array_equal(read_image(tmp_path / f"chart{suffix}"), chart)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
def test_16_bit_files_round_trip(suffix: str, chart: Image, tmp_path: Path) -> None:
    write_image(tmp_path / f"chart{suffix}", deep(chart)[:, ::-1])
    assert np.array_equal(read_image(tmp_path / f"chart{suffix}"), deep(chart)[:, ::-1])


def test_jpeg_pixels_are_close(large: Image, tmp_path: Path) -> None:
    write_image(tmp_path / "photo.jpg", large)
    assert np.abs(read_image(tmp_path / "photo.jpg").astype(int) - large).mean() < 1.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_rotation_is_undone(orientation: int, chart: Image, tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    PillowImage.fromarray(chart[:20]).save(path, exif=exif)
    with PillowImage.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    assert np.array_equal(read_image(path), expected)


def test_the_rotation_of_16_bit_files_is_undone(chart: Image, tmp_path: Path) -> None:
    path = tmp_path / "turned.png"
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.fromarray(chart[:20]).save(path, exif=exif)
    shallow, chunk = path.read_bytes(), b"eXIf"
    at = shallow.index(chunk) - 4
    exif_chunk = shallow[at : at + 12 + struct.unpack_from(">I", shallow, at)[0]]
    plain = cv2.imencode(".png", deep(chart)[:20, :, ::-1])[1].tobytes()
    path.write_bytes(plain[:33] + exif_chunk + plain[33:])
    assert np.array_equal(read_image(path), np.rot90(deep(chart)[:20], -1))


def test_a_color_profile_is_applied(chart: Image, tmp_path: Path) -> None:
    PillowImage.fromarray(chart).save(tmp_path / "turned.png", icc_profile=turned_profile())
    turned = read_image(tmp_path / "turned.png").astype(int)
    assert np.abs(turned - chart[..., [1, 2, 0]]).max() <= 2
    PillowImage.fromarray(chart).save(tmp_path / "plain.png", icc_profile=SRGB)
    assert np.abs(read_image(tmp_path / "plain.png").astype(int) - chart).max() <= 1


def test_transparent_and_16_bit_images_have_their_profile_applied(chart: Image, tmp_path: Path) -> None:
    rgba = np.dstack([chart, np.full(chart.shape[:2], 255, np.uint8)])
    PillowImage.fromarray(rgba).save(tmp_path / "rgba.png", icc_profile=turned_profile())
    assert np.abs(read_image(tmp_path / "rgba.png").astype(int) - chart[..., [1, 2, 0]]).max() <= 2
    path = tmp_path / "deep.tif"
    write_image(path, deep(chart))
    assert np.array_equal(read_image(path), deep(chart))
    converted = to_srgb(deep(chart), turned_profile()).astype(int)
    assert np.abs(converted - deep(chart)[..., [1, 2, 0]]).max() < 257


def test_a_16_bit_file_with_a_profile_is_converted(chart: Image, tmp_path: Path) -> None:
    PillowImage.fromarray(chart).save(tmp_path / "shallow.png", icc_profile=turned_profile())
    shallow = (tmp_path / "shallow.png").read_bytes()
    at = shallow.index(b"iCCP") - 4
    chunk = shallow[at : at + 12 + struct.unpack_from(">I", shallow, at)[0]]
    plain = cv2.imencode(".png", deep(chart)[..., ::-1])[1].tobytes()
    (tmp_path / "deep.png").write_bytes(plain[:33] + chunk + plain[33:])
    image = read_image(tmp_path / "deep.png")
    assert image.dtype == np.uint16
    assert np.abs(image.astype(int) - deep(chart)[..., [1, 2, 0]]).max() < 257


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (struct.pack(">4sII", b"curv", 0, 0), lambda x: x),
        (struct.pack(">4sIIHxx", b"curv", 0, 1, round(1.8 * 256)), lambda x: x ** (round(1.8 * 256) / 256)),
        (struct.pack(">4sII3H", b"curv", 0, 3, 0, 16384, 65535), lambda x: np.interp(x, [0, 0.5, 1], [0, 0.25, 1])),
        (struct.pack(">4sIHHi", b"para", 0, 0, 0, 2 * 65536), lambda x: x**2),
    ],
    ids=["identity", "gamma", "table", "parametric"],
)
def test_every_kind_of_tone_curve_is_converted(curve: bytes, expected: object, chart: Image) -> None:
    from iea.editor.color import linear_to_srgb

    gray = np.repeat(np.linspace(0, 65535, 50).astype(np.uint16)[:, None, None], 3, axis=2)
    converted = to_srgb(gray, with_curve(curve)) / 65535
    assert np.abs(converted - linear_to_srgb(expected(gray / 65535))).max() < 2e-3  # type: ignore[operator]


@pytest.mark.parametrize("form", [1, 2])
def test_a_curve_without_slope_costs_no_image(form: int, chart: Image, tmp_path: Path) -> None:
    values = [2 * 65536, *[0] * (form + 1)]  # g, then a = 0, b, c
    profile = with_curve(struct.pack(f">4sIHH{len(values)}i", b"para", 0, form, 0, *values))
    PillowImage.fromarray(chart).save(tmp_path / "shallow.tif", icc_profile=profile)
    assert read_image(tmp_path / "shallow.tif").shape == chart.shape
    tifffile.imwrite(tmp_path / "deep.tif", deep(chart), photometric="rgb", iccprofile=profile)
    assert read_image(tmp_path / "deep.tif").shape == chart.shape


def test_transparency_is_flattened_on_white(tmp_path: Path) -> None:
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[0, 0] = (200, 100, 0, 255)
    rgba[0, 1] = (200, 100, 0, 128)
    PillowImage.fromarray(rgba).save(tmp_path / "clear.png")
    flat = read_image(tmp_path / "clear.png")
    assert flat[0, 0].tolist() == [200, 100, 0] and flat[0, 1].tolist() == [227, 177, 127]
    assert (flat[1] == 255).all()
    cv2.imwrite(str(tmp_path / "deep.png"), deep(rgba))
    assert (read_image(tmp_path / "deep.png")[1] >= 65530).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_becomes_three_channels(mode: str, photograph: Image, tmp_path: Path) -> None:
    path = tmp_path / ("mode.tif" if mode in ("CMYK", "YCbCr") else "mode.png")
    image = PillowImage.fromarray(photograph).convert(mode)
    image.save(path)
    assert np.abs(read_image(path).astype(int) - np.asarray(image.convert("RGB"))).max() <= 4
    assert read_image(path).dtype == np.uint8


def test_16_bit_gray_becomes_three_channels(chart: Image, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "gray.png"), deep(chart)[..., 0])
    gray = read_image(tmp_path / "gray.png")
    assert gray.shape == chart.shape and np.array_equal(gray[..., 2], deep(chart)[..., 0])


def broken_files(chart: Image) -> dict[str, bytes]:
    buffer = io.BytesIO()
    PillowImage.fromarray(chart).save(buffer, "PNG")
    whole = buffer.getvalue()
    floats = io.BytesIO()
    PillowImage.fromarray(np.ones((4, 4), np.float32)).save(floats, "TIFF")
    return {"empty": b"", "text": b"not an image", "cut": whole[: len(whole) // 2], "floats": floats.getvalue()}


@pytest.mark.parametrize("fault", ["empty", "text", "cut", "floats"])
def test_a_broken_file_is_a_value_error_that_names_it(fault: str, chart: Image, tmp_path: Path) -> None:
    path = tmp_path / f"{fault}.png"
    path.write_bytes(broken_files(chart)[fault])
    with pytest.raises(ValueError, match=f"{fault}.png must be a readable image"):
        read_image(path)


def test_a_broken_profile_of_a_16_bit_image_is_a_value_error(chart: Image) -> None:
    for profile in (b"", SRGB[:200], SRGB.replace(b"rXYZ", b"A2B0")):
        with pytest.raises(ValueError, match="profile"):
            to_srgb(deep(chart), profile)


def test_a_missing_file_is_an_os_error(tmp_path: Path, chart: Image) -> None:
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(FileNotFoundError):
        write_image(tmp_path / "nowhere" / "chart.png", chart)


def test_an_image_that_a_format_cannot_hold_is_rejected(chart: Image, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16-bit image must be written as"):
        write_image(tmp_path / "deep.jpg", deep(chart))
    with pytest.raises(ValueError, match="suffix must name an image format"):
        write_image(tmp_path / "chart.xyz", chart)
    with pytest.raises(ValueError, match="shape"):
        write_image(tmp_path / "gray.png", chart[..., 0])
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    chart: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chart.png"
    write_image(path, chart)

    def full_disk(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_image(path, chart[::-1])
    assert [file.name for file in tmp_path.iterdir()] == ["chart.png"]
    assert np.array_equal(read_image(path), chart)


def test_a_file_may_have_the_longest_name(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 125 + ".png")  # 254 bytes
    write_image(path, np.zeros((4, 4, 3), np.uint8))
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_an_error_of_a_full_disk_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No space left on device: .*note\.txt"), replacing(tmp_path / "note.txt"):
        Path("/dev/full").write_text("too much")
    assert not list(tmp_path.iterdir())

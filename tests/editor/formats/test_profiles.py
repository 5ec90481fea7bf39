"""Color profiles, described colors and EXIF data, in every mode, depth and format, against LittleCMS through Pillow."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image as PillowImage
from profiled import WIDE, Pixels, by_little_cms, refusal, save

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor.color import linear_to_srgb, srgb_to_linear
from iea.editor.formats.picture import PictureError
from iea.editor.io import read_image

SRGB = imagecodecs.cms_profile("srgb")
GRAY = imagecodecs.cms_profile("gray", whitepoint=(0.3457, 0.3585), gamma=1.2)


def ink_profile() -> bytes:
    """Return a profile of four inks: an 8-bit table (ICC specification, 10.10) of two levels an ink, to Lab."""
    inks = np.stack(np.meshgrid(*[(0, 1)] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    light = 100 * (1 - inks @ (0.25, 0.3, 0.1, 0.0)) * (1 - 0.9 * inks[:, 3])
    chroma = inks @ [[-35, -45], [70, -5], [-5, 85], [0, 0]] * (1 - inks[:, 3:])
    lab = np.rint(np.column_stack([light * 2.55, chroma + 128])).astype(np.uint8)
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + struct.pack(">9i", *(np.eye(3).ravel() * 65536).astype(int))
    table += ramp * 4 + lab.tobytes() + ramp * 3
    head = struct.pack(">I4xI4s4s4s12x4s", 144 + len(table), 0x02100000, b"prtr", b"CMYK", b"Lab ", b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I4sII", 1, b"A2B0", 144, len(table)) + table


INKS = ink_profile()
BROKEN = {  # names in place of bytes: a profile holds the time at which it was made
    "cut in its tags": WIDE[:200],
    "cut in its table": WIDE[:130],
    "zeros": bytes(400),
    "wild table": WIDE[:128] + b"\xff" * 400,
    "no profile": b"nonsense" * 20,
}
PROFILES = {"gray": GRAY, "srgb": SRGB, "inks": INKS}
FITTING = {"L": GRAY, "LA": GRAY, "P": WIDE, "RGB": WIDE, "RGBA": WIDE, "CMYK": INKS}
CARRIED = [  # (mode, format) that hold a profile
    *(("L", kind) for kind in ("PNG", "JPEG", "TIFF")),
    *(("LA", kind) for kind in ("PNG", "TIFF")),
    *(("P", kind) for kind in ("PNG", "TIFF")),
    *(("RGB", kind) for kind in ("PNG", "JPEG", "TIFF", "WEBP", "AVIF", "HEIF")),
    *(("RGBA", kind) for kind in ("PNG", "TIFF", "WEBP")),
    *(("CMYK", kind) for kind in ("JPEG", "TIFF")),
]


def plain(image: PillowImage.Image) -> NDArray[np.float64]:
    """Return the levels without any profile, on white."""
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))[..., None] / 255
    return np.asarray(image.convert("RGB")) * alpha + 255 * (1 - alpha)


def in_mode(rgb: Pixels, mode: str) -> PillowImage.Image:
    image = PillowImage.fromarray(rgb)
    if mode == "P":
        return image.quantize(64)
    if mode in ("LA", "RGBA"):
        image.putalpha(PillowImage.fromarray(rgb[..., 0]))
    return image.convert(mode)


@pytest.mark.parametrize(("mode", "kind"), CARRIED)
def test_a_fitting_profile_is_applied_in_every_mode(mode: str, kind: str, rgb: Pixels, tmp_path: Path) -> None:
    read = save(tmp_path / "a", in_mode(rgb, mode), kind, icc_profile=FITTING[mode])
    expected = by_little_cms(read, FITTING[mode])
    assert np.abs(expected - plain(read)).mean() > 3  # the profile matters
    assert np.abs(read_image(tmp_path / "a") - expected).max() <= 1.5


@pytest.mark.parametrize(("mode", "kind"), CARRIED)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_profile_is_ignored(mode: str, kind: str, fault: str, rgb: Pixels, tmp_path: Path) -> None:
    read = save(tmp_path / "a", in_mode(rgb, mode), kind, icc_profile=BROKEN[fault])
    assert np.abs(read_image(tmp_path / "a") - plain(read)).max() <= 1


@pytest.mark.parametrize(
    ("mode", "profile"), [("RGB", "gray"), ("RGB", "inks"), ("CMYK", "srgb"), ("CMYK", "gray"), ("L", "inks")]
)
def test_a_profile_of_another_space_is_ignored(mode: str, profile: str, rgb: Pixels, tmp_path: Path) -> None:
    for kind in ("JPEG", "TIFF"):
        read = save(tmp_path / "a", in_mode(rgb, mode), kind, icc_profile=PROFILES[profile])
        assert np.abs(read_image(tmp_path / "a") - plain(read)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_gray_picture_may_have_an_rgb_profile(kind: str, rgb: Pixels, tmp_path: Path) -> None:
    for profile, gain in ((SRGB, 0), (WIDE, 1)):
        read = save(tmp_path / "a", in_mode(rgb, "L"), kind, icc_profile=profile)
        image = read_image(tmp_path / "a").astype(int)
        assert np.ptp(image, axis=2).max() <= 1
        assert np.abs(image - by_little_cms(read.convert("RGB"), profile)).max() <= 1
        assert (np.abs(image - plain(read)).max() > 1) == bool(gain)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("profile", ["fitting", "cut", "none"])
def test_8_and_16_bits_agree(mode: str, profile: str, rgb: Pixels, tmp_path: Path) -> None:
    values = np.asarray(in_mode(rgb, mode))
    photometric = {"L": "minisblack", "CMYK": "separated"}.get(mode, "rgb")
    given = {"fitting": FITTING[mode], "cut": FITTING[mode][:150], "none": None}[profile]
    options = {"photometric": photometric, "iccprofile": given, "extrasamples": (2,) if mode == "RGBA" else None}
    shallow, deep = tmp_path / "8.tif", tmp_path / "16.tif"
    tifffile.imwrite(shallow, values, planarconfig="contig" if values.ndim == 3 else None, **options)
    tifffile.imwrite(
        deep, values.astype(np.uint16) * 257, planarconfig="contig" if values.ndim == 3 else None, **options
    )
    assert read_image(deep).dtype == np.uint16
    assert np.abs(to_8_bits(read_image(deep)).astype(int) - read_image(shallow)).max() <= (
        2 if profile == "fitting" else 1
    )


def test_16_bits_keep_their_precision(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 5000).astype(np.uint16)
    gamma = imagecodecs.cms_profile(
        "rgb", whitepoint=(0.3127, 0.329), primaries=(0.64, 0.33, 0.3, 0.6, 0.15, 0.06), gamma=1.5
    )
    tifffile.imwrite(
        tmp_path / "a.tif", np.repeat(levels[None, :, None], 3, axis=2), photometric="rgb", iccprofile=gamma
    )
    error = read_image(tmp_path / "a.tif") / 65535 - linear_to_srgb((levels / 65535) ** 1.5)[None, :, None]
    assert np.abs(error[:, 500:]).max() < 20 / 65535  # the curve is steep below


def png(rgb: Pixels, bits: int, *chunks: tuple[bytes, bytes], interlaced: bool = False) -> bytes:
    """Return a PNG with more chunks before its pixels; interlaced after the specification's table."""
    pixels = rgb.astype(">u2") * 257 if bits == 16 else rgb
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[rgb.shape[2]]
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    parts = [pixels[top::down, left::right] for top, left, down, right in passes] if interlaced else [pixels]
    raw = b"".join(b"\0" + row.tobytes() for part in parts if part.size for row in part)
    head = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], bits, kind, 0, 0, interlaced)
    body = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    return assembled(body)


def assembled(body: list[tuple[bytes, bytes]]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in body
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("interlaced", [False, True])
def test_every_kind_of_png_has_the_pixels_it_was_written_from(
    channels: int, bits: int, interlaced: bool, tmp_path: Path
) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (19, 23, channels), dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(png(samples, bits, interlaced=interlaced))
    colors = samples[..., :3] if channels > 2 else samples[..., :1]
    alpha = samples[..., -1:] / 255 if channels in (2, 4) else np.ones(1)
    expected = np.broadcast_to(colors, (19, 23, 3)) * alpha + 255 * (1 - alpha)
    assert np.abs(to_8_bits(read_image(tmp_path / "a.png")) - expected).max() <= 0.51


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [8, 16])
def test_the_transparent_color_of_a_png_is_white(channels: int, bits: int, tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (19, 23, channels), dtype=np.uint8)
    key = samples[3, 4].astype(np.uint16) * (257 if bits == 16 else 1)
    (tmp_path / "a.png").write_bytes(png(samples, bits, (b"tRNS", key.astype(">u2").tobytes())))
    image = to_8_bits(read_image(tmp_path / "a.png"))
    clear = (samples == samples[3, 4]).all(axis=2)
    assert (image[clear] == 255).all()
    assert np.array_equal(image[~clear], np.broadcast_to(samples, (19, 23, 3))[~clear])


def described(name: str) -> tuple[tuple[bytes, bytes], Callable[[NDArray[np.float64]], NDArray[np.float64]]]:
    """Return a chunk, and the conversion of grays to sRGB that it means."""
    sixteen = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    return {
        "gamma 1.8": ((b"gAMA", struct.pack(">I", 55556)), lambda x: linear_to_srgb(x**1.8)),
        "linear": ((b"gAMA", struct.pack(">I", 100000)), linear_to_srgb),
        "gamma of sRGB": ((b"gAMA", struct.pack(">I", 45455)), lambda x: x),
        "primaries of sRGB": ((b"cHRM", sixteen), lambda x: x),
        "gamma 0": ((b"gAMA", bytes(4)), lambda x: x),
        "coded sRGB": ((b"cICP", bytes([1, 13, 0, 1])), lambda x: x),
        "coded P3": ((b"cICP", bytes([12, 13, 0, 1])), lambda x: x),
        "coded linear": ((b"cICP", bytes([1, 8, 0, 1])), linear_to_srgb),
        "coded gamma 2.2": ((b"cICP", bytes([1, 4, 0, 1])), lambda x: linear_to_srgb(x**2.2)),
        "coded gamma 2.8": ((b"cICP", bytes([5, 5, 0, 1])), lambda x: linear_to_srgb(x**2.8)),
        "coded television": ((b"cICP", bytes([6, 6, 0, 1])), lambda x: x),
        "coded DCI-P3": ((b"cICP", bytes([11, 13, 0, 1])), lambda x: x),
        "coded without meaning": ((b"cICP", b""), lambda x: x),
        "a text with the name of a chunk": ((b"tEXt", b"Comment\0profile cICP\t\x08none"), lambda x: x),
    }[name]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    "name",
    [
        "gamma 1.8",
        "linear",
        "gamma of sRGB",
        "primaries of sRGB",
        "gamma 0",
        "coded sRGB",
        "coded P3",
        "coded linear",
        "coded gamma 2.2",
        "coded gamma 2.8",
        "coded television",
        "coded DCI-P3",
        "coded without meaning",
        "a text with the name of a chunk",
    ],
)
def test_colors_that_a_png_describes_are_converted(name: str, bits: int, tmp_path: Path) -> None:
    chunk, expected = described(name)
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    (tmp_path / "a.png").write_bytes(png(gray, bits, chunk))
    assert np.abs(to_8_bits(read_image(tmp_path / "a.png")) - 255 * expected(gray / 255)).max() <= 1


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("index", [0, 1, -1])
def test_the_transparent_gray_of_any_depth_is_white(depth: int, index: int, tmp_path: Path) -> None:
    top = 2**depth - 1
    levels, key = np.arange(16) & top, index & top
    bits = "".join(format(level, f"0{depth}b") for level in levels)
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    head = struct.pack(">IIBBBBB", 16, 1, depth, 0, 0, 0, 0)
    body = [(b"IHDR", head), (b"tRNS", struct.pack(">H", key)), (b"IDAT", zlib.compress(row)), (b"IEND", b"")]
    (tmp_path / "a.png").write_bytes(assembled(body))
    expected = np.where(levels == key, 255, levels * 255 // top)
    assert np.array_equal(read_image(tmp_path / "a.png")[0], np.repeat(expected[:, None], 3, axis=1))


@pytest.mark.parametrize("text", [b"see IDAT below", b"colr nclx", b"cICP"])
def test_a_text_before_a_chunk_does_not_hide_it(text: bytes, rgb: Pixels, tmp_path: Path) -> None:
    code = (b"cICP", bytes([12, 13, 0, 1]))
    (tmp_path / "plain.png").write_bytes(png(rgb, 8, code))
    (tmp_path / "text.png").write_bytes(png(rgb, 8, (b"tEXt", b"Comment\0" + text), code))
    image = read_image(tmp_path / "plain.png")
    assert np.array_equal(read_image(tmp_path / "text.png"), image) and not np.array_equal(image, rgb)


def nclx(path: Path, rgb: Pixels, kind: str, primaries: int, transfer: int) -> None:
    """Write an AVIF or HEIC whose color box has other codes."""
    save(path, PillowImage.fromarray(rgb), kind)
    data = bytearray(path.read_bytes())
    at = data.index(b"colrnclx")
    data[at + 8 : at + 12] = struct.pack(">HH", primaries, transfer)
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
@pytest.mark.parametrize(("primaries", "transfer"), [(11, 17), (1, 9), (1, 12), (10, 13), (77, 13), (1, 77), (0, 0)])
def test_codes_that_are_not_converted_are_refused(
    kind: str, primaries: int, transfer: int, rgb: Pixels, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    if kind == "PNG":
        path.write_bytes(png(rgb, 8, (b"cICP", bytes([primaries, transfer, 0, 1]))))
    else:
        nclx(path, rgb, kind, primaries, transfer)
    reserved = kind == "HEIF" and (primaries, transfer) in ((77, 13), (1, 77), (0, 0))  # libheif opens no such file
    assert refusal(path) == ("not_an_image" if reserved else "unsupported_image")


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
@pytest.mark.parametrize(("transfer", "gamma"), [(4, 2.2), (5, 2.8), (8, 1.0)])
def test_powers_that_a_film_codec_names_are_converted(
    kind: str, transfer: int, gamma: float, rgb: Pixels, tmp_path: Path
) -> None:
    read = save(tmp_path / "plain", PillowImage.fromarray(rgb), kind)
    nclx(tmp_path / "a", rgb, kind, 1, transfer)
    expected = 255 * linear_to_srgb((np.asarray(read.convert("RGB")) / 255) ** gamma)
    assert np.abs(read_image(tmp_path / "a") - expected).max() <= 2


@pytest.mark.parametrize("codes", [(1, 1, 0, 0), (1, 13, 1, 1), (12, 13, 0, 0)])
def test_a_png_of_narrow_range_or_luma_is_refused(codes: tuple[int, ...], rgb: Pixels, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(rgb, 8, (b"cICP", bytes(codes))))
    assert refusal(tmp_path / "a.png") == "unsupported_image"


def bitmap(rgb: Pixels, space: bytes, profile: bytes) -> bytes:
    """Return a BMP of version 5; space: as its signature is written."""
    rows = rgb[::-1, :, ::-1].tobytes()  # a multiple of four bytes each
    head = struct.pack("<IiiHHIIiiII", 124, rgb.shape[1], rgb.shape[0], 1, 24, 0, len(rows), 0, 0, 0, 0)
    head += bytes(16) + space + bytes(48) + struct.pack("<IIII", 4, 124 + len(rows), len(profile), 0)
    start = struct.pack("<2sIHHI", b"BM", 14 + len(head) + len(rows) + len(profile), 0, 0, 14 + len(head))
    return start + head + rows + profile


def test_a_profile_in_a_bitmap_is_applied_or_refused(rgb: Pixels, tmp_path: Path) -> None:
    image = PillowImage.fromarray(rgb)
    for space, profile, expected in (
        (b"DEBM", WIDE, by_little_cms(image, WIDE)),
        (b"DEBM", b"nonsense", rgb),
        (b"BGRs", b"", rgb),
        (b" niW", b"", rgb),
    ):
        (tmp_path / "a.bmp").write_bytes(bitmap(rgb, space, profile))
        assert np.abs(read_image(tmp_path / "a.bmp") - expected.astype(float)).max() <= 1
    (tmp_path / "a.bmp").write_bytes(bitmap(rgb, b"KNIL", b"C:\\a.icc\0"))
    assert refusal(tmp_path / "a.bmp") == "unsupported_image"


@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_refused_by_name(kind: str, transfer: int, rgb: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if kind == "PNG":
        path.write_bytes(png(rgb, 16, (b"cICP", bytes([9, transfer, 0, 1]))))
    else:
        save(path, PillowImage.fromarray(rgb), kind)
        data = bytearray(path.read_bytes())
        at = data.index(b"colrnclx")
        data[at + 8 : at + 12] = struct.pack(">HH", 9, transfer)
        path.write_bytes(data)
    with pytest.raises(PictureError, match="high dynamic range") as caught:
        read_image(path)
    assert caught.value.reason == "unsupported_image"


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_primaries_that_a_film_codec_names_are_converted(kind: str, rgb: Pixels, tmp_path: Path) -> None:
    read = save(tmp_path / "a", PillowImage.fromarray(rgb), kind)
    data = bytearray((tmp_path / "a").read_bytes())
    at = data.index(b"colrnclx")
    data[at + 8 : at + 12] = struct.pack(">HH", 12, 13)  # Display P3
    (tmp_path / "a").write_bytes(data)
    p3_to_srgb = [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]
    linear = srgb_to_linear(np.asarray(read.convert("RGB")) / 255) @ np.array(p3_to_srgb).T
    assert np.abs(read_image(tmp_path / "a") - 255 * linear_to_srgb(np.clip(linear, 0, 1))).max() <= 2

"""Every layout of a TIFF, against the pixels it was written from and against other readers."""

import io
import struct
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor.formats.picture import PictureError
from iea.editor.io import read_image

COLORS = {"miniswhite": 1, "minisblack": 1, "rgb": 3, "separated": 4}
UNSPECIFIED, PREMULTIPLIED, ALPHA = 0, 1, 2
EXTRA = [(), (UNSPECIFIED,), (PREMULTIPLIED,), (ALPHA,), (UNSPECIFIED, ALPHA), (ALPHA, UNSPECIFIED)]
STORAGE = {
    "whole": {},
    "strips": {"compression": "zlib", "predictor": True, "rowsperstrip": 5},
    "tiles": {"compression": "lzw", "tile": (16, 16)},
}
STORED = {  # EXIF orientation -> the stored image of an upright one, by the table of the standard
    1: lambda up: up,
    2: lambda up: up[:, ::-1],
    3: lambda up: up[::-1, ::-1],
    4: lambda up: up[::-1],
    5: lambda up: np.swapaxes(up, 0, 1),
    6: lambda up: np.rot90(up),
    7: lambda up: np.swapaxes(up[::-1, ::-1], 0, 1),
    8: lambda up: np.rot90(up, -1),
}
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def samples() -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (18, 33, 6), dtype=np.uint8)


def stored(samples: Pixels, photometric: str, extra: tuple[int, ...], bits: int) -> NDArray[np.uint8 | np.uint16]:
    """Return what a file holds of the first samples, gray, RGB or inks, and of the others."""
    channels = COLORS[photometric]
    scale = 257 if bits == 16 else 1
    values = samples[..., : channels + len(extra)].astype(np.float64) * scale
    if photometric == "miniswhite":
        values[..., 0] = 255 * scale - values[..., 0]
    if PREMULTIPLIED in extra:
        values[..., :channels] *= values[..., channels:][..., [extra.index(PREMULTIPLIED)]] / (255 * scale)
    return np.floor(values).astype(np.uint16 if bits == 16 else np.uint8)


def shown(samples: Pixels, photometric: str, extra: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the sRGB levels, 0 to 255, of the same samples."""
    channels = COLORS[photometric]
    light = samples[..., :channels].astype(np.float64)
    if photometric == "separated":
        light = (255 - light[..., :3]) * (255 - light[..., 3:]) / 255
    rgb = np.broadcast_to(light, (*light.shape[:2], 3))
    opaque = [at for at, kind in enumerate(extra, channels) if kind != UNSPECIFIED]
    alpha = samples[..., opaque] / 255 if opaque else np.ones(1)
    return rgb * alpha + 255 * (1 - alpha)


def write(
    path: Path,
    samples: NDArray[np.generic],
    photometric: str,
    planes: str,
    order: str,
    orientation: int,
    **storage: object,
) -> None:
    planar = planes if samples.shape[2] > 1 else None
    pixels = STORED[orientation](samples)
    pixels = pixels[..., 0] if planar is None else np.moveaxis(pixels, -1, 0) if planar == "separate" else pixels
    tags = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(
        path,
        pixels,
        photometric=photometric,
        planarconfig=planar,
        byteorder=order,
        extratags=tags,
        metadata=None,
        **storage,
    )


@pytest.mark.parametrize(
    ("photometric", "extra"),
    [  # the standard does not say what is premultiplied where white is 0
        (photometric, extra)
        for photometric, extra in product(COLORS, EXTRA)
        if (photometric, extra) != ("miniswhite", (PREMULTIPLIED,))
    ],
    ids=str,
)
def test_every_layout_has_the_pixels_it_was_written_from(
    photometric: str, extra: tuple[int, ...], samples: Pixels, tmp_path: Path
) -> None:
    expected = shown(samples, photometric, extra)
    tolerance = 2.5 if PREMULTIPLIED in extra else 1.0  # levels of 8 bits: rounded twice, or once
    for planes, storage, order, orientation in product(("contig", "separate"), STORAGE, "<>", (1, 6)):
        both = []
        for bits in (8, 16):
            path = tmp_path / "a.tif"
            values = stored(samples, photometric, extra, bits)
            write(path, values, photometric, planes, order, orientation, extrasamples=extra or None, **STORAGE[storage])
            image = read_image(path)
            assert image.dtype == values.dtype
            both.append(to_8_bits(image).astype(int))
            assert np.abs(both[-1] - expected).max() <= tolerance, (bits, planes, storage, order, orientation)
        if PREMULTIPLIED not in extra:
            assert np.abs(both[0] - both[1]).max() <= 1


def by_pillow(path: Path) -> Pixels:
    with PillowImage.open(io.BytesIO(path.read_bytes())) as opened:  # turned upright as it is loaded
        return np.asarray(opened.convert("RGB"))


def by_opencv(path: Path) -> NDArray[np.uint16]:
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    return pixels[..., ::-1] if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
def test_every_orientation_is_applied_once(orientation: int, photometric: str, samples: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    upright = samples[..., : COLORS[photometric]]
    for storage, order in product(STORAGE, "<>"):
        write(path, upright, photometric, "contig", order, orientation, **STORAGE[storage])
        assert np.array_equal(read_image(path), np.broadcast_to(upright, (*upright.shape[:2], 3)))
        assert np.array_equal(read_image(path), by_pillow(path))
        write(path, upright.astype(np.uint16) * 257, photometric, "contig", order, orientation, **STORAGE[storage])
        assert np.array_equal(
            read_image(path), np.broadcast_to(upright.astype(np.uint16) * 257, read_image(path).shape)
        )
        assert np.array_equal(read_image(path), by_opencv(path))


@pytest.mark.parametrize("kind", ["B", "I", "q", "f", "d", "2I", "s"])
@pytest.mark.parametrize("value", [6, 9, 0, float("inf"), float("nan")])
def test_an_orientation_of_any_type_and_value_costs_no_pixels(
    kind: str, value: float, samples: Pixels, tmp_path: Path
) -> None:
    if kind in "BIq2I" and not np.isfinite(value):
        value = 77
    given = "6" if kind == "s" else (int(value), 1) if kind == "2I" else value if kind in "fd" else int(value)
    tags = [(274, kind, 0 if kind == "s" else 1, given, True)]
    tifffile.imwrite(tmp_path / "a.tif", samples[..., :3], photometric="rgb", extratags=tags)
    image = read_image(tmp_path / "a.tif")
    assert np.array_equal(image, samples[..., :3]) or np.array_equal(image, np.rot90(samples[..., :3], -1))


def test_a_sample_without_a_kind_is_alpha_as_for_pillow(samples: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    for bits in (8, 16):
        write(path, stored(samples, "rgb", (ALPHA,), bits), "rgb", "contig", "<", 1, extrasamples=(ALPHA,))
        with tifffile.TiffFile(path) as file:
            at = file.pages.first.tags[338].offset
        data = bytearray(path.read_bytes())
        data[at : at + 2] = struct.pack("<H", 337)  # another tag
        path.write_bytes(data)
        assert np.abs(to_8_bits(read_image(path)) - shown(samples, "rgb", (ALPHA,))).max() <= 1
        with PillowImage.open(path) as opened:
            assert bits == 16 or opened.mode == "RGBA"


@pytest.mark.parametrize("bits", range(1, 17))
def test_samples_of_any_depth_are_scaled_to_white(bits: int, tmp_path: Path) -> None:
    levels = np.linspace(0, 2**bits - 1, 64).reshape(2, 32)
    values = np.rint(levels).astype(np.uint8 if bits <= 8 else np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, bitspersample=bits, photometric="minisblack", metadata=None)
    image = read_image(tmp_path / "a.tif")
    top = 255 if bits <= 8 else 65535
    assert image.dtype == values.dtype
    assert np.abs(image[..., 0] / top - values / (2**bits - 1)).max() <= 0.5 / top


@pytest.mark.parametrize("mode", ["1", "P", "YCbCr", "CMYK", "RGBA", "LA"])
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "packbits", "jpeg", "group4"])
def test_what_pillow_writes_is_read_as_by_pillow(mode: str, compression: str, samples: Pixels, tmp_path: Path) -> None:
    if (compression == "group4") != (mode == "1") or (compression == "jpeg" and mode in ("P", "RGBA", "LA")):
        return
    path = tmp_path / "a.tif"
    image = PillowImage.fromarray(samples[..., :3]).convert(mode)
    exif = PillowImage.Exif()
    exif[274] = 6
    image.save(path, compression=compression, exif=exif)
    assert read_image(path).dtype == np.uint8
    assert np.abs(read_image(path).astype(int) - by_pillow(path)).max() <= 1


def test_a_wide_16_bit_picture_is_read(tmp_path: Path) -> None:
    row = np.arange(1_048_577 * 3, dtype=np.uint16).reshape(1, -1, 3)
    tifffile.imwrite(tmp_path / "a.tif", row, photometric="rgb", compression="zlib")
    assert np.array_equal(read_image(tmp_path / "a.tif"), row)


def reason(path: Path) -> str:
    with pytest.raises(PictureError) as caught:
        read_image(path)
    assert str(path) in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (np.ones((9, 9, 3), np.float32), {"photometric": "rgb"}),
        (np.ones((9, 9, 3), np.float16), {"photometric": "rgb"}),
        (np.ones((9, 9, 3), np.int16), {"photometric": "rgb"}),
        (np.ones((9, 9, 3), np.int8), {"photometric": "rgb"}),
        (np.ones((9, 9, 3), np.uint32), {"photometric": "rgb"}),
        (np.ones((9, 9), np.complex64), {"photometric": "minisblack"}),
        (np.ones((9, 9, 3), np.uint8), {"photometric": "cielab"}),
        (np.ones((9, 9, 3), np.uint16), {"photometric": "cielab"}),
        (np.ones((9, 9), np.uint16), {"photometric": "cfa"}),
        (np.ones((9, 9), np.uint8), {"photometric": "mask"}),
        (np.ones((9, 9, 3), np.uint16), {"photometric": "linear_raw"}),
        (np.ones((9, 9, 9), np.uint8), {"photometric": "rgb"}),
        (np.ones((9, 9, 4), np.uint8), {"photometric": "separated", "extratags": [(332, "H", 1, 2, True)]}),
        (np.ones((16, 16, 16), np.uint8), {"photometric": "minisblack", "volumetric": True, "tile": (16, 16, 16)}),
    ],
    ids=lambda value: "" if isinstance(value, np.ndarray) else "-".join(map(str, value.values())),
)
def test_other_samples_are_refused_by_name(
    values: NDArray[np.generic], options: dict[str, object], tmp_path: Path
) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif",
        values,
        **{"planarconfig": "contig" if values.ndim == 3 and values.shape[2] < 16 else None} | options,
    )
    assert reason(tmp_path / "a.tif") == "unsupported_image"


@pytest.mark.parametrize("storage", STORAGE)
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_cut_file_is_refused(storage: str, planes: str, share: float, samples: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path, samples[..., :3].astype(np.uint16), "rgb", planes, "<", 1, **STORAGE[storage])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert reason(path) == "broken_image"


def test_missing_strips_are_refused(samples: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(path, samples[..., :3], "rgb", "contig", "<", 1, **STORAGE["strips"])
    whole = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        tags = file.pages.first.tags
        counts, height = tags[279].valueoffset, tags[257].valueoffset
    for change in ({counts: bytes(4)}, {height: struct.pack("<I", 60)}):
        data = bytearray(whole)
        for at, value in change.items():
            data[at : at + len(value)] = value
        path.write_bytes(data)
        assert reason(path) == "broken_image"


@pytest.mark.parametrize("tag", [256, 257])
def test_a_side_of_many_values_is_refused(tag: int, tmp_path: Path) -> None:
    path = tmp_path / "wide.tif"
    tifffile.imwrite(path, np.zeros((8, 8, 3), np.uint8), photometric="rgb")
    data = bytearray(path.read_bytes())
    start = struct.unpack_from("<I", data, 4)[0] + 2
    entry = next(at for at in range(start, len(data), 12) if struct.unpack_from("<H", data, at)[0] == tag)
    data[entry + 2 : entry + 8] = struct.pack("<HI", 1, 4)  # four bytes in place of one number
    path.write_bytes(data)
    with pytest.raises(PictureError) as refused:
        read_image(path)
    assert refused.value.reason == "broken_image"

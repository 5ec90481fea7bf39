"""Read damaged picture files of every format for a while: each is a picture, or refused by name.

    python tests/fuzz/pictures.py --seconds 60 --seed 0

prints the outcomes; exit code 1 if a file raised anything else, took more memory than promised, or was not upright sRGB. The
file in hand is kept as `damaged`, so that it remains where a decoder ends the process.
"""

import io
import random
import struct
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import tifffile
import typer
from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.ingest.prophoto import prophoto
from iea.data_prep.runner import RejectedError
from iea.editor.formats.picture import FREE_PIXELS
from iea.editor.io import MAX_BYTES_PER_PIXEL, write_image

SIDE = (24, 32)
REASONS = {"not_an_image", "broken_image", "unsupported_image", "decompression_bomb"}
ODD = (0, 1, 2, 3, 7, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x1000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Values that sizes, counts, types and offsets are replaced by."""


def files() -> dict[str, bytes]:
    """Return small pictures of every format, of 8 and 16 bits, with a profile and EXIF data."""
    y, x = np.mgrid[: SIDE[0], : SIDE[1]]
    pixels = np.stack([8 * x, 10 * y, 4 * (x + y)], axis=-1).astype(np.uint8)
    deep = pixels.astype(np.uint16) * 257
    image = PillowImage.fromarray(pixels)
    exif = PillowImage.Exif()
    exif.update({0x0112: 6, 0x010F: "Maker", 0x011A: 72.0})
    exif.get_ifd(0x8769)[0x829A] = 0.01
    kinds = {
        "jpg": "JPEG",
        "png": "PNG",
        "tif": "TIFF",
        "webp": "WEBP",
        "avif": "AVIF",
        "gif": "GIF",
        "jp2": "JPEG2000",
    }
    try:
        import pillow_heif
    except ImportError:
        print("without HEIC: pip install pillow-heif")
    else:
        pillow_heif.register_heif_opener()
        kinds["heic"] = "HEIF"
    made = {}
    for suffix, kind in kinds.items():
        stream = io.BytesIO()
        image.save(stream, kind, icc_profile=prophoto(), exif=exif)
        made[suffix] = stream.getvalue()
    for suffix, compression, planar in (("lzw.tif", "lzw", "contig"), ("planes.tif", "zlib", "separate")):
        stream = io.BytesIO()
        stored = np.moveaxis(deep, -1, 0) if planar == "separate" else deep
        tifffile.imwrite(
            stream, stored, photometric="rgb", planarconfig=planar, compression=compression, iccprofile=prophoto()
        )
        made[suffix] = stream.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        write_image(f"{folder}/deep.png", deep)
        made["deep.png"] = Path(folder, "deep.png").read_bytes()
    stream = io.BytesIO()
    image.convert("CMYK").save(stream, "JPEG", icc_profile=prophoto())
    made["cmyk.jpg"] = stream.getvalue()
    for suffix, kind, options in (("jpeg.tif", "TIFF", {"compression": "jpeg"}), ("bmp", "BMP", {})):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        made[suffix] = stream.getvalue()
    return made


def damage(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """Return a file with one to four damages, most of them near its start; of a PNG, half the time with right checksums."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if len(changed) < 16:
            break
        at = rng.randrange(min(len(changed) - 8, rng.choice((64, 512, len(changed)))))
        size = rng.choice((1, 2, 4))
        match rng.randrange(6):
            case 0:
                changed[at] ^= 1 << rng.randrange(8)
            case 1:
                value = rng.choice(ODD) & (256**size - 1)
                changed[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))
            case 2:
                changed[at : at + rng.randint(1, 40)] = rng.randbytes(rng.randint(0, 40))
            case 3:
                del changed[rng.randrange(len(changed)) :]
            case 4:
                other = rng.choice(others)
                start = rng.randrange(len(other))
                changed[at:at] = other[start : start + rng.randint(1, 400)]
            case 5:
                _damage_tag(changed, rng)
    return _with_checksums(bytes(changed)) if rng.random() < 0.5 else bytes(changed)


def _damage_tag(data: bytearray, rng: random.Random) -> None:
    """Change the type, count or value of one tag of a TIFF, or of EXIF data."""
    start = max(data.find(b"II*\0"), data.find(b"MM\0*"))
    if start < 0 or len(data) < start + 32:
        return
    order = "<" if data[start] == ord("I") else ">"
    at = start + struct.unpack_from(f"{order}I", data, start + 4)[0]
    if at + 14 > len(data):
        return
    entry = at + 2 + 12 * rng.randrange(max(1, struct.unpack_from(f"{order}H", data, at)[0] % 40))
    if entry + 12 > len(data):
        return
    field, code = rng.choice(((2, "H"), (4, "I"), (8, "I"), (8, "H")))
    struct.pack_into(f"{order}{code}", data, entry + field, rng.choice(ODD) & (0xFFFF if code == "H" else 0xFFFFFFFF))


def _with_checksums(data: bytes) -> bytes:
    """Return a PNG with the right checksums, so that its damage reaches what lies behind them."""
    if data[:4] != b"\x89PNG":
        return data
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + length]
        parts += [data[at : at + 4], body, struct.pack(">I", zlib.crc32(body))]
        at += 12 + length
    return b"".join(parts)


def memory() -> dict[str, int]:
    """Return VmRSS and VmHWM, the present and the highest memory of this process, bytes."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {parts[0][:-1]: int(parts[1]) * 1024 for parts in lines if parts[0] in ("VmRSS:", "VmHWM:")}


def cases(seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield names and damaged files without end."""
    rng, good = random.Random(seed), files()
    while True:
        name = rng.choice(sorted(good))
        yield name, damage(good[name], list(good.values()), rng)


def read(path: Path) -> tuple[str, str]:
    """Return the outcome of a file, and what is wrong with it, or ""."""
    try:
        image = read_photograph(path)
    except RejectedError as error:
        return error.reason, "" if error.reason in REASONS else f"the reason {error.reason}: {error.text}"
    except Exception:  # noqa: BLE001 - the fault that is looked for
        return "traceback", traceback.format_exc()
    whole = image.ndim == 3 and image.shape[2] == 3 and image.dtype in (np.uint8, np.uint16)
    return "read", "" if whole else f"an image of shape {image.shape}, {image.dtype}"


def main(
    seconds: Annotated[float, typer.Option(help="time to try")] = 60,
    seed: Annotated[int, typer.Option(help="of the damages")] = 0,
    folder: Annotated[Path, typer.Option(help="for the file in hand")] = Path(),
) -> None:
    outcomes: Counter[str] = Counter()
    path, end = folder / "damaged", time.monotonic() + seconds
    before = None
    for number, (name, data) in enumerate(cases(seed)):
        path.write_bytes(data)
        outcome, wrong = read(path)
        outcomes[outcome] += 1
        if number == 200:  # all libraries are loaded
            before = memory()["VmHWM"]
        if before and memory()["VmHWM"] - before > FREE_PIXELS * MAX_BYTES_PER_PIXEL:
            wrong = f"{memory()['VmHWM'] - before} bytes of memory"
        if wrong:
            print(f"seed {seed}, file {number} of a {name}, kept as {path}: {wrong}")
            sys.exit(1)
        if time.monotonic() > end:
            break
    print(f"seed {seed}: {dict(outcomes.most_common())}, {(memory()['VmHWM']) / 1e6:.0f} MB")


if __name__ == "__main__":
    typer.run(main)

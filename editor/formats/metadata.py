"""Take the metadata out of an image file whose decoder stumbles over them."""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
METADATA = frozenset({b"eXIf", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP"})


def tries(data: bytes) -> Iterator[bytes]:
    """Yield a file as it is; a PNG also with only the metadata that its pixels need, and with none; HEIC, AVIF without EXIF."""
    yield data
    if data[4:8] == b"ftyp":
        yield data.replace(b"Exif", b"skip")  # the type of an item; others are not looked at
    if data.startswith(SIGNATURE):
        yield with_chunks(data, PIXELS | METADATA)
        yield with_chunks(data, PIXELS)


def with_chunks(data: bytes, kinds: frozenset[bytes]) -> bytes:
    """Return a PNG with only the chunks of `kinds`, without metadata whose checksum is wrong."""
    kept, at = [SIGNATURE], len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if kind in kinds and (kind in PIXELS or chunk[-4:] == struct.pack(">I", zlib.crc32(chunk[4:-4]))):
            kept.append(chunk)
        at += 12 + length
    return b"".join(kept)

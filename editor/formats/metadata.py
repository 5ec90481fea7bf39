"""Walk the chunks or boxes of an image file, and take metadata out that its decoder stumbles over."""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
NESTED = {b"jp2h": 0, b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes that hold boxes -> bytes before those."""
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
    kept = [SIGNATURE]
    for kind, chunk in chunks(data):
        if kind in kinds and (kind in PIXELS or chunk[-4:] == struct.pack(">I", zlib.crc32(chunk[4:-4]))):
            kept.append(chunk)
    return b"".join(kept)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names of a PNG's chunks, and the chunks with their length, name and checksum."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at : at + 12 + length]
        at += 12 + length


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and contents of the boxes of a JPEG 2000, HEIC or AVIF file, and of those inside them."""
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if length == 1 and at + 16 <= len(data):
            length, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        length = length or len(data) - at  # 0: to the end of the file
        if length < head:
            return
        content = data[at + head : at + length]
        yield kind, content
        if kind in NESTED:
            yield from boxes(content[NESTED[kind] :])
        at += length

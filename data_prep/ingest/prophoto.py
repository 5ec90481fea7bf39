"""ProPhoto RGB (ROMM RGB, ISO 22028-2) as an ICC profile, for 16-bit files without one.

Layout after the ICC specification v4.4, sections 7.2 (header), 7.3 (tag table), 10.6 (curv) and 10.31 (XYZ); version 2.
"""

import struct

PRIMARIES = (  # XYZ under D50 of red, green and blue, ISO 22028-2
    (0.7976749, 0.2880402, 0.0),
    (0.1351917, 0.7118741, 0.0),
    (0.0313534, 0.0000857, 0.8252100),
)
D50 = (0.9642, 1.0, 0.8249)
GAMMA = 1.8  # everywhere: Adobe's profile omits the standard's linear segment below 1/512


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _profile() -> bytes:
    curve = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(GAMMA * 256))
    tags = [(b"wtpt", _xyz(D50))]
    tags += [(name, _xyz(primary)) for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), PRIMARIES, strict=True)]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags:
        table += struct.pack(">4sII", name, start + len(data), len(body))
        data += body
    size = start + len(data)
    header = struct.pack(">I4xI4s4s4s12x4s", size, 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header += bytes(68 - len(header)) + struct.pack(">3i", *(round(value * 65536) for value in D50))
    return header + bytes(128 - len(header)) + table + data


PROFILE = _profile()

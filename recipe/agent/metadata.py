"""Metadata of a photograph's file: EXIF, XMP and color profile; read, cleaned for an edited copy, and stripped."""

import io
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image as PillowImage
from PIL import ImageFile, UnidentifiedImageError

from iea.editor.formats.embedded import embedded_profile
from iea.editor.formats.picture import FORMATS, ORIENTATION

MAIN_IFD, EXIF_IFD, GPS_IFD = 0, 0x8769, 0x8825
PROFILE, XMP = 34675, 700  # tags of TIFF
DESCRIPTIVE = frozenset({270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 18246, 18249, 33432, *range(40091, 40096)})
"""Tags of the main directory that say something of the photograph: maker, model, time, author, copyright, rating, title."""
OF_THE_FILE = frozenset({0xA002, 0xA003, 0xA005})  # size in pixels, interoperability
PRIVATE = frozenset({0x927C, 0xA420, 0xA430, 0xA431, 0xA435, 0x9286})
"""Maker's notes, unique identifier, owner, serial numbers of body and lens, and the user's comment."""
LAST_OF_EXIF = 0xA500  # of the standard; Camera Raw writes owner and serial number again under tags of its own
_ORIENTATION_IN_XMP = re.compile(rb"(tiff:Orientation(?:=[\"']|>))[2-8]")
RAW_HEADERS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIU\0")


class Text(str):
    """A text of EXIF. Pillow decodes its bytes as Latin-1 and encodes them as ASCII; this type restores the bytes."""

    def encode(self, encoding: str = "latin-1", errors: str = "replace") -> bytes:
        """Return the bytes that were read."""
        return super().encode("latin-1", "replace")


@dataclass(frozen=True)
class Metadata:
    """Metadata of an upright copy.

    main, exif, gps : tag -> value that Pillow can write, of the main directory, of EXIF and of GPS
    xmp : packet, b"" without one
    profile : ICC profile of RGB pixels, b"" = sRGB
    """

    main: dict[int, Any] = field(default_factory=dict)
    exif: dict[int, Any] = field(default_factory=dict)
    gps: dict[int, Any] = field(default_factory=dict)
    xmp: bytes = b""
    profile: bytes = b""

    def stripped(self) -> "Metadata":
        """Return the metadata without location, serial numbers, owner, maker's notes and XMP, which may repeat them."""
        public = {tag: value for tag, value in self.exif.items() if tag <= LAST_OF_EXIF and tag not in PRIVATE}
        main = {tag: value for tag, value in self.main.items() if tag != 316}  # the name of the computer
        return replace(self, main=main, exif=public, gps={}, xmp=b"")

    def as_exif(self, most: int = 1 << 32) -> bytes:
        """Return an EXIF block of at most `most` bytes, b"" for nothing; the longest values are left out of a longer one."""
        parts = ((MAIN_IFD, self.main), (EXIF_IFD, self.exif), (GPS_IFD, self.gps))
        entries = [(ifd, tag, value) for ifd, values in parts for tag, value in values.items()]
        entries.sort(key=lambda entry: len(_block(entry)))
        while entries and len(_block(*entries)) > most:
            entries.pop()
        return _block(*entries) if entries else b""


def _block(*entries: tuple[int, int, Any]) -> bytes:
    """Return an EXIF block of (directory, tag, value). Raises any Exception, Pillow's, for a value that has not its tag's type."""
    block = PillowImage.Exif()
    for ifd, tag, value in entries:
        (block.get_ifd(ifd) if ifd else block)[tag] = value
    block[ORIENTATION] = 1
    return block.tobytes()


def writable(ifd: int, values: Iterable[tuple[int, Any]]) -> dict[int, Any]:
    """Return the values that Pillow can write, as malformed ones cannot be, with their texts as they are."""
    texts = ((tag, Text(value) if isinstance(value, str) else value) for tag, value in values)
    return {tag: value for tag, value in texts if _is_writable(ifd, tag, value)}


def _is_writable(ifd: int, tag: int, value: Any) -> bool:
    try:
        return bool(_block((ifd, tag, value)))
    except Exception:  # noqa: BLE001 - Pillow's, of any kind
        return False


def read_metadata(data: bytes) -> Metadata:
    """Return the metadata of a file; those that cannot be read are left out, since no edit depends on them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of odd EXIF
        try:
            return _of_tiff(data) if data[:4] in RAW_HEADERS else _of_picture(data)
        except Exception:  # noqa: BLE001 - a decoder's, of any kind: the pixels were read
            return Metadata()


def _of_tiff(data: bytes) -> Metadata:
    """Read the first directory of a TIFF, or of a raw file that is made like one."""
    head = b"II*\0" if data[:2] == b"II" else b"MM\0*"
    block = PillowImage.Exif()
    block.load(head + data[4:])
    profile, xmp = block.get(PROFILE, b""), block.get(XMP, b"")
    return _cleaned(
        block, bytes(xmp) if isinstance(xmp, bytes) else b"", profile if isinstance(profile, bytes) else b""
    )


def _of_picture(data: bytes) -> Metadata:
    opened = _opened(data)
    try:
        profile = embedded_profile(opened.info, data, str(opened.format))
    except ValueError:
        profile = b""
    xmp = opened.info.get("xmp") or opened.info.get("XML:com.adobe.xmp") or b""
    return _cleaned(opened.getexif(), xmp.encode() if isinstance(xmp, str) else bytes(xmp), profile)


def _opened(data: bytes) -> ImageFile.ImageFile:
    try:
        return PillowImage.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        import pillow_heif

        pillow_heif.register_heif_opener()
        return PillowImage.open(io.BytesIO(data), formats=("HEIF",))


def _cleaned(block: PillowImage.Exif, xmp: bytes, profile: bytes) -> Metadata:
    """Keep that which is true of an upright copy as well; without a thumbnail, which would show the original."""
    return Metadata(
        main=writable(MAIN_IFD, (one for one in block.items() if one[0] in DESCRIPTIVE)),
        exif=writable(EXIF_IFD, (one for one in block.get_ifd(EXIF_IFD).items() if one[0] not in OF_THE_FILE)),
        gps=writable(GPS_IFD, block.get_ifd(GPS_IFD).items()),
        xmp=_ORIENTATION_IN_XMP.sub(rb"\g<1>1", xmp),
        profile=profile if profile[16:20] == b"RGB " else b"",
    )

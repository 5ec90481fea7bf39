"""Read an uploaded file: its kind by content, its size before it is decoded, a small copy for previews. Runs in a worker."""

import io
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image as PillowImage

from iea.data_prep.files import write_json
from iea.data_prep.ingest.decode import RAW_SUFFIXES
from iea.data_prep.label.match import reduced
from iea.editor.formats.picture import FORMATS, TIFF
from iea.editor.io import write_image
from iea.recipe.agent.photo import PhotoError, open_photo
from iea.recipe.agent.session import Session
from iea.recipe.agent.stats import measure

SIDE = 1024  # px, longer side of the copy for previews
UPLOAD, SMALL, ABOUT, TALK = "upload", "small.png", "about.json", "talk.iea.json"
STARTS = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG\r\n", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp")) + (
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)
BRANDS = {b"avif": ".avif", b"avis": ".avif"} | dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1", b"heim"), ".heic")
LONGEST_NAME = 80


def suffix_of(head: bytes) -> str:
    """Return the suffix for a file that begins with `head`, at least 12 bytes; "" for no kind that is taken.

    >>> suffix_of(b"RIFF0000WEBPVP8 "), suffix_of(b"<svg onload=alert(1)>")
    ('.webp', '')
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "")
    return next((suffix for start, suffix in STARTS if head.startswith(start)), "")


def clean_name(given: str) -> str:
    """Return the name of a file without its folder and suffix, of letters, digits, spaces and -_ alone; for people to read.

    >>> clean_name("../../etc/passwd.jpg"), clean_name("C:\\\\<b>fun</b>.png"), clean_name("...")
    ('passwd', 'b', 'photo')
    """
    stem = given.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or given
    kept = "".join(one for one in stem if one.isalnum() or one in "-_ ").strip()
    return kept[:LONGEST_NAME] or "photo"


def take_in(folder: str, name: str, suffix: str, max_pixels: int) -> str:
    """Read the upload in a folder, and write the small copy, the facts, and an empty conversation beside it.

    Returns
    -------
    "" if all is well, else the reason: "too_many_pixels", or one of `iea.editor.io.read_image`
    """
    place, upload = Path(folder), Path(folder, UPLOAD + suffix)
    if suffix == ".tif" and Path(name).suffix.lower() in RAW_SUFFIXES:
        return "raw"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large images, odd EXIF
        pixels = _claimed_pixels(upload.read_bytes())
    if pixels > max_pixels:
        return "too_many_pixels"
    try:
        photo = open_photo(upload)
    except PhotoError as error:
        return str(getattr(error.__cause__, "reason", "broken_image"))
    height, width, _ = photo.image.shape
    if height * width > max_pixels:
        return "too_many_pixels"
    write_image(place / SMALL, reduced(photo.image, SIDE))
    about: dict[str, Any] = {"name": clean_name(name), "suffix": suffix, "width": width, "height": height}
    write_json(
        place / ABOUT,
        about | {"bits": 8 * photo.image.dtype.itemsize, "findings": list(measure(photo.image).findings())},
    )
    Session.begin(upload).save(place / TALK)
    return ""


def _claimed_pixels(data: bytes) -> int:
    """Return the number of pixels that the header claims, of the largest page; 0 for one that cannot be read, as the decoder reports."""
    with suppress(ImportError):  # of pillow-heif, which is optional
        if data[4:8] == b"ftyp":
            import pillow_heif

            pillow_heif.register_heif_opener()
    try:
        if data[:4] in TIFF:  # of which Pillow reads neither all layouts nor the page that is decoded
            import tifffile

            with tifffile.TiffFile(io.BytesIO(data)) as file:
                return max(int(page.imagewidth) * int(page.imagelength) for page in file.pages)
        width, height = PillowImage.open(io.BytesIO(data), formats=(*FORMATS, "HEIF")).size
    except PillowImage.DecompressionBombError:
        return 1 << 62
    except Exception:  # noqa: BLE001 - of any kind: the decoder reports it
        return 0
    return int(width) * int(height)

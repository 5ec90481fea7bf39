"""Read and write image files; with iea.editor.formats, the only module of the editor that uses files.

Pillow decodes 8 bits per channel, tifffile TIFF, imagecodecs 16-bit PNG; imagecodecs also converts colors, by LittleCMS.
"""

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from iea.editor.formats.icc import Samples, converter
from iea.editor.formats.picture import Block, Picture, PictureError, open_picture
from iea.editor.image import Image, check_image, white

DEEP_SUFFIXES = (".png", ".tif", ".tiff")
JPEG = {"quality": 95, "subsampling": 0}
BLOCK = 2**18  # pixels converted at a time
MAX_BYTES_PER_PIXEL = 32
"""Memory of reading an image of up to four samples a pixel, with its file and its result, besides a constant amount."""


class NotAFileError(OSError):
    """A folder, a pipe, a socket or a device stands in the place of a file."""


def regular(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that ends when it is read: a pipe would wait, a device never end.

    Raises
    ------
    NotAFileError : something else is there; the text names it
    OSError : nothing is there, or it cannot be looked up
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise NotAFileError(errno.EINVAL, "must be a file", os.fspath(path))
    return Path(path)


def read_image(path: str | os.PathLike[str], untagged: bytes = b"") -> Image:
    """Read an image as upright sRGB pixels.

    Parameters
    ----------
    path : JPEG, PNG, TIFF, WebP, GIF, BMP, AVIF, JPEG 2000 or, with pillow-heif, HEIC, by its content; PNG and TIFF with
        more than 8 bits per channel become 16-bit
    untagged : color profile of files without one that fits; default: sRGB

    Returns
    -------
    (H, W, 3) uint8 or uint16. The EXIF orientation and the color profile are applied, gray is expanded to three
    channels, transparency is flattened on white. Of an animation, the first frame.

    Raises
    ------
    OSError : the file cannot be opened; NotAFileError if it is not one
    PictureError : a ValueError with the `reason` "not_an_image", "broken_image", "unsupported_image" (mode, depth, layout),
        "decompression_bomb", "out_of_memory" or "heic_needs_pillow_heif"
    """
    data = regular(path).read_bytes()
    try:
        return _upright_srgb(open_picture(data), untagged)
    except ImportError:  # of this environment, not of the file
        raise
    except Exception as error:  # a decoder's, of any kind: files are data
        reason, about = _named(error)
        raise PictureError(reason, f"{os.fspath(path)} must be a readable image: {about}") from error


def _named(error: Exception) -> tuple[str, str]:
    """Return a reason to count by, and the details."""
    match error:
        case PictureError():
            return error.reason, str(error)
        case UnidentifiedImageError():
            return "not_an_image", "unknown image format"
        case MemoryError():
            return "out_of_memory", "it needs more memory than there is"
    return "broken_image", str(error) or type(error).__name__


def write_image(path: str | os.PathLike[str], image: Image) -> None:
    """Write an image in the format of the name's suffix, atomically.

    The file is written under another name in the same folder and then renamed. JPEG is written at quality 95
    without chroma subsampling.

    Raises
    ------
    OSError : the folder is missing or not writable
    ValueError : `image` is not an image, the suffix is unknown, or the format does not support 16 bits
    """
    check_image(image)
    path = Path(path)
    suffix = path.suffix.lower()
    if image.dtype == np.uint16 and suffix not in DEEP_SUFFIXES:
        raise ValueError(f"a 16-bit image must be written as {', '.join(DEEP_SUFFIXES)}, got {path.name!r}")
    if suffix not in PillowImage.registered_extensions():
        raise ValueError(f"the suffix must name an image format, such as .png or .jpg, got {path.name!r}")
    data = _encode_deep(image, suffix) if image.dtype == np.uint16 else _encode(image, suffix)
    with replacing(path) as partial:
        partial.write_bytes(data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder, which replaces `path` on success and is removed on failure.

    Its name is unique: two processes that write the same file do not collide. It is short, so that `path` may have the longest
    name that the file system allows.

    Raises
    ------
    OSError : `path` cannot be written; the text names it, which those of a full disk and of pyarrow do not

    >>> from tempfile import mkdtemp
    >>> note = Path(mkdtemp(), "note.txt")
    >>> with replacing(note) as partial:
    ...     _ = partial.write_text("whole")
    >>> note.read_text()
    'whole'
    """
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        if error.filename not in (None, os.fspath(partial)):
            raise
        reason = f"cannot write: {error.strerror or error}"
        raise OSError(error.errno or errno.EIO, reason, os.fspath(path)) from error  # of the subclass of its errno
    finally:
        partial.unlink(missing_ok=True)


def _upright_srgb(picture: Picture, untagged: bytes) -> Image:
    """Convert block by block, each into its place in the upright image."""
    to_srgb = converter((picture.profile, untagged), picture.channels)
    depth = picture.read((slice(0, 1), slice(0, 1))).dtype
    sides = (picture.height, picture.width) if picture.orientation < 5 else (picture.width, picture.height)
    image: Image = np.empty((*sides, 3), depth)
    stored = _stored(image, picture.orientation)
    for block in _blocks(picture.height, picture.width):
        samples = picture.read(block)
        stored[block] = _flat(to_srgb(samples[..., : picture.channels]), samples[..., picture.channels :])
    return image


def _blocks(height: int, width: int) -> Iterator[Block]:
    """Yield blocks of at most BLOCK pixels that cover the image: several rows, or a part of one."""
    columns = min(width, BLOCK)
    rows = BLOCK // columns
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield slice(top, min(top + rows, height)), slice(left, min(left + columns, width))


def _flat(pixels: Image, alpha: Samples) -> Image:
    """Composite on white; (H, W, 0) alpha is opaque."""
    if not alpha.shape[2]:
        return pixels
    top = white(pixels)
    opaque = alpha.astype(np.uint32)
    flat: Image = ((pixels * opaque + top * (top - opaque) + top // 2) // top).astype(pixels.dtype)
    return flat


def _stored(image: Image, orientation: int) -> Image:
    """Return a view of an upright image with the rows and columns of its file, of EXIF orientation 1 to 8."""
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return image.transpose(1, 0, 2) if orientation >= 5 else image


def _encode(image: Image, suffix: str) -> bytes:
    buffer = io.BytesIO()
    kind = PillowImage.registered_extensions()[suffix]
    PillowImage.fromarray(image).save(buffer, kind, **(JPEG if kind == "JPEG" else {}))
    return buffer.getvalue()


def _encode_deep(image: Image, suffix: str) -> bytes:
    if suffix == ".png":
        import imagecodecs

        return bytes(imagecodecs.png_encode(np.ascontiguousarray(image), level=1))
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, image, photometric="rgb", compression="zlib", predictor=True)
    return buffer.getvalue()

"""Read and write image files; the only module of the editor that uses files, Pillow and OpenCV.

Pillow reads and writes 8 bits per channel, OpenCV the 16 bits per channel of PNG and TIFF, which Pillow does not support.
"""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageCms, UnidentifiedImageError

from iea.editor.icc import deep_to_srgb
from iea.editor.image import Image, check_image, white

ORIENTATION = 0x0112  # EXIF tag
BITS_PER_SAMPLE = 258  # TIFF tag
READABLE_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I;16B")
DEEP_SUFFIXES = (".png", ".tif", ".tiff")
JPEG = {"quality": 95, "subsampling": 0}


def read_image(path: str | os.PathLike[str]) -> Image:
    """Read an image as upright sRGB pixels.

    Parameters
    ----------
    path : any format Pillow reads; PNG and TIFF with 16 bits per channel keep them

    Returns
    -------
    (H, W, 3) uint8, or uint16 for 16-bit files. The EXIF orientation and the color profile are applied, gray
    is expanded to three channels, transparency is flattened on white. Of an animation, the first frame.

    Raises
    ------
    OSError : the file cannot be opened
    ValueError : the file is not an image, is broken, or has pixels that are not 8- or 16-bit integers
    """
    data = Path(path).read_bytes()
    try:
        with PillowImage.open(io.BytesIO(data)) as opened:
            if opened.mode not in READABLE_MODES:
                raise ValueError(f"pixels must be 8- or 16-bit gray, RGB or CMYK, got mode {opened.mode}")
            orientation = int(opened.getexif().get(ORIENTATION, 1))
            pixels = _deep_pixels(data, opened) if _is_deep(data, opened) else _pixels(opened)
    except (OSError, ValueError, SyntaxError, PillowImage.DecompressionBombError) as error:
        reason = "unknown image format" if isinstance(error, UnidentifiedImageError) else error
        raise ValueError(f"{os.fspath(path)} must be a readable image: {reason}") from error
    return np.ascontiguousarray(_upright(_flatten(pixels), orientation))


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

    Its name is unique: two processes that write the same file do not collide.

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
    partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
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


def _pixels(opened: PillowImage.Image) -> NDArray[Any]:
    """Return 8-bit pixels in sRGB, (H, W, 3 or 4)."""
    converted: PillowImage.Image = opened
    alpha = None
    if converted.mode in ("LA", "PA", "RGBA") or "transparency" in converted.info:
        converted = converted.convert("RGBA")
        alpha = np.asarray(converted.getchannel("A"))
    elif converted.mode not in ("L", "CMYK"):
        converted = converted.convert("RGB")
    profile = opened.info.get("icc_profile")
    if profile and opened.mode in ("L", "RGB", "RGBA", "CMYK"):
        converted = _to_srgb(converted.convert("RGB") if alpha is not None else converted, profile)
    rgb = np.asarray(converted.convert("RGB"))
    return rgb if alpha is None else np.dstack([rgb, alpha])


def _to_srgb(image: PillowImage.Image, profile: bytes) -> PillowImage.Image:
    """Convert from the color space of an embedded ICC profile."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (OSError, ImageCms.PyCMSError) as error:
        raise ValueError(f"its color profile is broken or does not fit its pixels ({error})") from error
    assert converted is not None  # None only when converting in place
    return converted


def _is_deep(data: bytes, opened: PillowImage.Image) -> bool:
    """Return True if the file has 16 bits per channel, which Pillow would cut to 8."""
    if opened.format == "PNG":
        return data[24:25] == b"\x10"  # the bit depth in the header chunk, always the first
    if opened.format == "TIFF":
        bits = opened.tag_v2.get(BITS_PER_SAMPLE, (1,))  # type: ignore[attr-defined]
        return bool(max(np.atleast_1d(bits)) == 16)
    return False


def _deep_pixels(data: bytes, opened: PillowImage.Image) -> NDArray[Any]:
    """Return 16-bit pixels in sRGB, (H, W, 3 or 4)."""
    cv2 = _opencv()
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("OpenCV cannot decode its 16-bit pixels; save it again as plain PNG or TIFF")
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    rgb = np.ascontiguousarray(pixels[:, :, 2::-1])
    profile = opened.info.get("icc_profile")
    return np.dstack([deep_to_srgb(rgb, profile) if profile else rgb, pixels[:, :, 3:]])


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise ValueError("16-bit images need OpenCV; pip install opencv-python-headless") from error
    return cv2


def _flatten(pixels: NDArray[Any]) -> Image:
    """Composite (H, W, 4) pixels on white; (H, W, 3) pixels are returned unchanged."""
    if pixels.shape[2] == 3:
        return pixels
    top = white(pixels)
    alpha = pixels[:, :, 3:] / top
    flat: Image = np.floor(pixels[:, :, :3] * alpha + top * (1 - alpha) + 0.5).astype(pixels.dtype)
    return flat


def _upright(image: Image, orientation: int) -> Image:
    """Undo the camera's rotation: EXIF orientation 1..8, other values count as 1."""
    if orientation in (5, 6, 7, 8):
        image = image.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return image


def _encode(image: Image, suffix: str) -> bytes:
    buffer = io.BytesIO()
    kind = PillowImage.registered_extensions()[suffix]
    PillowImage.fromarray(image).save(buffer, kind, **(JPEG if kind == "JPEG" else {}))
    return buffer.getvalue()


def _encode_deep(image: Image, suffix: str) -> bytes:
    done, data = _opencv().imencode(suffix, image[:, :, ::-1])
    if not done:
        raise ValueError(f"OpenCV could not encode an image of shape {image.shape} as {suffix}")
    return bytes(data)

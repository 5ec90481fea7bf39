"""Decode an image file of any kind to upright sRGB pixels, or reject it with a named reason."""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from iea.data_prep.ingest.prophoto import prophoto
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.editor.formats.picture import PictureError, check_size
from iea.editor.io import NotAFileError, read_image, regular

if TYPE_CHECKING:  # the sources import this module
    from iea.data_prep.ingest.sources.source import Colors

PICTURES = "png jpg jpeg jpe jfif tif tiff webp bmp gif heic heif hif avif jp2 j2k j2c jpc jpf jpx"
RAWS = "dng cr2 cr3 crw nef nrw arw srf sr2 raf orf rw2 raw rwl pef srw 3fr fff iiq mef mos mrw erf dcr kdc x3f"
RAW_SUFFIXES = frozenset(f".{name}" for name in RAWS.split())
DECODABLE_SUFFIXES = RAW_SUFFIXES | {f".{name}" for name in PICTURES.split()}
"""Lower-case suffixes of the files that `read_photograph` decodes, some of them with optional packages."""
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})


def read_photograph(path: Path, colors: "Colors" = "srgb") -> Image:
    """Decode one file.

    Parameters
    ----------
    path : an image, or a camera's raw file if rawpy is installed
    colors : color space of a TIFF without a color profile

    Returns
    -------
    (H, W, 3) sRGB, uint8 or uint16 like the file; upright, without alpha

    Raises
    ------
    RejectedError : "missing", "not_a_file", "unreadable", the reasons of read_image, "raw_needs_rawpy", "broken_raw"
    """
    shown = ascii(os.fspath(path))
    suffix = path.suffix.lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd EXIF and of images that are merely large
            if suffix in RAW_SUFFIXES:
                return _developed(path, shown)
            return read_image(path, prophoto() if colors == "prophoto" and suffix in TIFF_SUFFIXES else b"")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RejectedError("missing", f"{shown} does not exist") from error
    except NotAFileError as error:
        raise RejectedError("not_a_file", f"{shown} is a folder, a pipe, a socket or a device") from error
    except OSError as error:
        raise RejectedError("unreadable", f"{shown}: {error.strerror or error}") from error
    except PictureError as error:
        raise RejectedError(error.reason, ascii(str(error))) from error
    except ValueError as error:  # a null character in the name
        raise RejectedError("missing", f"{shown} cannot be a file: {error}") from error


def to_8_bits(image: Image) -> Image:
    """Convert uint16 to uint8, rounded; return uint8 unchanged."""
    if image.dtype == np.uint8:
        return image
    rounded = np.minimum(image, 65535 - 128) + np.uint16(128)  # 16 bits are enough, and half the memory
    return (rounded // np.uint16(257)).astype(np.uint8)


def to_16_bits(image: Image) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Convert uint8 to uint16, white to white; return uint16 unchanged."""
    wide = image.astype(np.uint16)
    return wide * np.uint16(257) if image.dtype == np.uint8 else wide


def _developed(path: Path, shown: str) -> Image:
    """Develop a raw file with the camera's white balance and without automatic brightening, 16 bits."""
    with regular(path).open("rb") as stream:  # opened first: without rawpy too, a missing file is "missing"
        try:
            import rawpy
        except ImportError as error:
            raise RejectedError("raw_needs_rawpy", f"{shown} is a raw file; pip install rawpy") from error
        try:
            with rawpy.imread(stream) as raw:
                check_size(raw.sizes.width, raw.sizes.height, os.fstat(stream.fileno()).st_size)
                image: Image = raw.postprocess(
                    use_camera_wb=True,
                    no_auto_bright=True,
                    output_color=rawpy.ColorSpace.sRGB,
                    gamma=(2.4, 12.92),
                    output_bps=16,
                )
        except PictureError:
            raise
        except Exception as error:  # of LibRaw or its binding, of any kind: the file is data
            raise RejectedError("broken_raw", ascii(f"{shown}: {error}")) from error
    return image

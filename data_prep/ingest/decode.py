"""From a file of any kind to upright sRGB pixels, or to the name of what is wrong with it."""

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from iea.data_prep.ingest.prophoto import PROFILE
from iea.data_prep.ingest.sources.source import Colours
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.editor.icc import deep_to_srgb
from iea.editor.io import read_image

RAW_SUFFIXES = frozenset({".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2"})
TIFF_SUFFIXES = frozenset({".tif", ".tiff"})


def read_photograph(path: Path, colours: Colours = "srgb") -> Image:
    """Decode one file.

    Parameters
    ----------
    path : a picture, or a camera's raw file where rawpy is installed
    colours : what a TIFF without a colour profile is taken for

    Returns
    -------
    (H, W, 3) sRGB, uint8 or uint16 as the file has them; upright, without alpha

    Raises
    ------
    RejectedError : "missing", "unreadable", "not_a_picture", "broken_picture", "decompression_bomb",
        "unsupported_picture" (mode, depth or profile), "raw_needs_rawpy", "broken_raw"
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd EXIF and of pictures that are merely large
            if path.suffix.lower() in RAW_SUFFIXES:
                return _developed(path)
            image = read_image(path)
            if colours == "prophoto" and path.suffix.lower() in TIFF_SUFFIXES and not _has_profile(path):
                image = deep_to_srgb(to_16_bits(image), PROFILE)
            return image
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RejectedError("missing", f"{_shown(path)} is not there") from error
    except OSError as error:
        raise RejectedError("unreadable", f"{_shown(path)}: {error.strerror or error}") from error
    except ValueError as error:
        raise RejectedError(_reason(error.__cause__), ascii(str(error))) from error


def to_8_bits(image: Image) -> Image:
    """uint16 -> uint8, rounded; uint8 passes."""
    if image.dtype == np.uint8:
        return image
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)


def to_16_bits(image: Image) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """uint8 -> uint16, white to white; uint16 passes."""
    wide = image.astype(np.uint16)
    return wide * np.uint16(257) if image.dtype == np.uint8 else wide


def _developed(path: Path) -> Image:
    """A raw file as its camera saw it: its white balance, no automatic brightening, 16 bits."""
    with path.open("rb"):
        pass  # a missing file is missing, with rawpy or without
    try:
        import rawpy
    except ImportError as error:
        raise RejectedError("raw_needs_rawpy", f"{_shown(path)} is a raw file; pip install rawpy") from error
    try:
        with path.open("rb") as stream, rawpy.imread(stream) as raw:
            image: Image = raw.postprocess(
                use_camera_wb=True,
                no_auto_bright=True,
                output_color=rawpy.ColorSpace.sRGB,
                gamma=(2.4, 12.92),
                output_bps=16,
            )
    except rawpy.LibRawError as error:
        raise RejectedError("broken_raw", f"{_shown(path)}: {error}") from error
    return image


def _has_profile(path: Path) -> bool:
    with PillowImage.open(path) as opened:
        return bool(opened.info.get("icc_profile"))


def _reason(cause: BaseException | None) -> str:
    """The named reason for what read_image met."""
    if isinstance(cause, UnidentifiedImageError):
        return "not_a_picture"
    if isinstance(cause, PillowImage.DecompressionBombError):
        return "decompression_bomb"
    return "broken_picture" if isinstance(cause, OSError | SyntaxError) else "unsupported_picture"


def _shown(path: Path) -> str:
    return ascii(os.fspath(path))

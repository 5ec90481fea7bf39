"""Image type of the editor, and the only check of its shape and dtype."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8 | np.uint16]
"""(H, W, 3) sRGB, uint8 in 0..255 or uint16 in 0..65535, H and W at least 1."""

Plane: TypeAlias = NDArray[np.floating]
"""Float array of one value per pixel, or with a leading channel axis; 0 is black, 1 is white."""


def check_image(image: Image, name: str = "image") -> None:
    """Check that `image` is an (H, W, 3) array of uint8 or uint16 with at least one pixel.

    Raises
    ------
    TypeError : `image` is not an array
    ValueError : it has another shape or dtype
    """
    if not isinstance(image, np.ndarray):
        raise TypeError(f"{name} must be a numpy array, got {type(image).__name__}; use np.asarray on it")
    if image.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{name} must be uint8 or uint16, got {image.dtype}; scale and round it first")
    if image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"{name} must have shape (H, W, 3) with H, W >= 1, got {image.shape}")


def check_pair(a: Image, b: Image) -> None:
    """Raise ValueError unless `a` and `b` are images of one shape and one dtype."""
    check_image(a, "the first image")
    check_image(b, "the second image")
    if a.shape != b.shape or a.dtype != b.dtype:
        raise ValueError(
            f"both images must have one shape and dtype, got {a.shape} {a.dtype} and {b.shape} {b.dtype}; "
            "resize or convert one of them"
        )


def white(image: Image) -> int:
    """Return the level of white: 255 for uint8, 65535 for uint16."""
    return 255 if image.dtype == np.uint8 else 65535

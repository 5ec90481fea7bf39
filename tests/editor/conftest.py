"""Images that the editor's tests share: real photographs and a synthetic chart."""

import numpy as np
import pytest
from skimage import data

from iea.editor import Image


@pytest.fixture(scope="session")
def photograph() -> Image:
    """(64, 64, 3) uint8: every eighth pixel of scikit-image's astronaut."""
    image: Image = data.astronaut()[::8, ::8].copy()
    image.setflags(write=False)
    return image


@pytest.fixture(scope="session")
def large() -> Image:
    """(300, 451, 3) uint8: scikit-image's cat, several tiles large."""
    image: Image = data.chelsea()
    image.setflags(write=False)
    return image


@pytest.fixture(scope="session")
def chart() -> Image:
    """(32, 32, 3) uint8: hues from left to right, black to white downwards, grays in the last columns."""
    row, column = np.mgrid[0:32, 0:32] / 31
    hue = np.stack([np.clip(np.abs((6 * column + shift) % 6 - 3) - 1, 0, 1) for shift in (0, 4, 2)], axis=-1)
    hue[:, 24:] = 0.5
    return np.floor(255 * np.clip(row[..., None] * (0.4 + 0.6 * hue), 0, 1) + 0.5).astype(np.uint8)

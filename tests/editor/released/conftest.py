"""Images of the tests of the published editor: crops of the photographs in the installed wheels."""

import sys
from pathlib import Path

import numpy as np
import pytest

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import Image
from iea.editor.io import read_image

sys.path.insert(0, str(Path(__file__).parent))  # makes plain.py importable from the tests of this folder

SIDE = 20


@pytest.fixture(scope="session")
def crops() -> list[Image]:
    """Return (20, 22, 3) uint8 of each everyday photograph: every ninth pixel around its middle."""
    images = [read_image(path) for path in everyday_photographs().values()]
    middles = [(image.shape[0] // 2, image.shape[1] // 2) for image in images]
    return [
        np.ascontiguousarray(image[y - 90 : y + 90 : 9, x - 99 : x + 99 : 9])
        for image, (y, x) in zip(images, middles, strict=True)
    ]


@pytest.fixture(scope="session")
def crop(crops: list[Image]) -> Image:
    """Return one of them, with many colors."""
    return crops[3]

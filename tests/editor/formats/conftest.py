"""Make the programs of this folder importable from its tests; the picture that they share."""

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def rgb() -> NDArray[np.uint8]:
    y, x = np.mgrid[:40, :64]
    return np.stack([4 * x, 6 * y, 255 - 2 * (x + y)], axis=-1).astype(np.uint8)

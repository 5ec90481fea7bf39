"""One pair of pictures, in memory and on disk."""

from pathlib import Path

import numpy as np
import pytest

from iea.editor import Image, render
from iea.editor.io import write_image

TRUTH = {"exposure": 25, "tint": -40, "sharpness": -30}


@pytest.fixture(scope="session")
def original() -> Image:
    rows, columns = np.mgrid[:32, :32] * 6
    noise = np.random.default_rng(0).integers(0, 20, (32, 32, 3))
    return (np.stack([rows, columns, (rows + columns) // 2], axis=-1) + noise).astype(np.uint8)


@pytest.fixture(scope="session")
def reference(original: Image) -> Image:
    return render(original, TRUTH)


@pytest.fixture(scope="session")
def pair(original: Image, reference: Image, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("pair")
    write_image(folder / "original.png", original)
    write_image(folder / "reference.png", reference)
    return {"original": str(folder / "original.png"), "reference": str(folder / "reference.png")}

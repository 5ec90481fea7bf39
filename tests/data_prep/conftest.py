from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from iea.data_prep.build import BuildConfig

MakePhoto = Callable[..., NDArray[np.uint8]]


@pytest.fixture(scope="session")
def make_photo() -> MakePhoto:
    """make_photo(path, seed, height, width) saves a colourful textured picture, another for each seed."""

    def make(path: Path, seed: int = 0, height: int = 90, width: int = 120) -> NDArray[np.uint8]:
        rng = np.random.default_rng([seed, 1])
        coarse = Image.fromarray(rng.integers(20, 235, (4, 5, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64)
        pixels = np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return pixels

    return make


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory, make_photo: MakePhoto) -> Path:
    """Seven usable photographs, one of them in a folder below."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(6):
        make_photo(folder / f"{seed}.png", seed)
    make_photo(folder / "below" / "6.png", 6)
    return folder


@pytest.fixture
def small(photo_folder: Path, tmp_path: Path) -> BuildConfig:
    """Settings of a data set that takes a second."""
    return BuildConfig(tmp_path / "out", photo_folder, train_rows=32, val_rows=24, sft_rows=32, size=28)

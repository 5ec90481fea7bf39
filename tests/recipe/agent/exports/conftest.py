"""Random programs, a photograph, and ffmpeg as an independent reader of tables."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import pytest
from skimage import data

from iea.editor import TOOLS, Image, Program
from iea.editor.io import read_image, write_image

Ffmpeg: TypeAlias = Callable[[Image, str, str], Image]
DrawProgram: TypeAlias = Callable[..., Program]


@pytest.fixture(scope="session")
def photograph() -> Image:
    """(128, 128, 3) uint8: scikit-image's astronaut."""
    image: Image = cv2.resize(data.astronaut(), (128, 128), interpolation=cv2.INTER_AREA)
    return image


@pytest.fixture(scope="session")
def draw_program() -> DrawProgram:
    """draw_program(seed, kinds): one to six tools of some kinds, at any values but 0."""

    def draw(seed: int, kinds: tuple[str, ...] = ("balance", "curve", "color", "spatial")) -> Program:
        generator = np.random.default_rng(seed)
        names = [name for name, tool in TOOLS.items() if tool.kind in kinds]
        chosen = generator.permutation(names)[: generator.integers(1, 7)]
        values = {str(name): int(generator.integers(TOOLS[name].low, TOOLS[name].high + 1)) for name in chosen}
        return Program({name: value or TOOLS[name].high for name, value in values.items()})

    return draw


@pytest.fixture
def ffmpeg(tmp_path: Path) -> Ffmpeg:
    """ffmpeg(image, table, filter): an 8-bit image after a filter that reads the table of the file table.cube."""
    command = shutil.which(os.environ.get("IEA_FFMPEG") or "ffmpeg")
    if command is None:
        pytest.skip("ffmpeg is not on PATH; install it or set IEA_FFMPEG to its path")

    def run(image: Image, table: str, filtered: str) -> Image:
        write_image(tmp_path / "in.png", image)
        (tmp_path / "table.cube").write_text(table)
        options = [
            "-v",
            "error",
            "-y",
            "-i",
            "in.png",
            "-vf",
            f"format=gbrp,{filtered}",
            "-pix_fmt",
            "rgb24",
            "out.png",
        ]
        subprocess.run([command, *options], cwd=tmp_path, check=True, capture_output=True, timeout=120)
        return read_image(tmp_path / "out.png")

    return run

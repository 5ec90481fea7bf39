"""Pairs of images: parts of the photographs in the wheels, and the same parts edited."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor.io import read_image
from iea.recipe.evaluation.metrics.compared import Shown

EDITED = {path.stem: path for path in sorted((Path(__file__).parent / "edited").iterdir())}
"""Photograph -> its edited part, a file, so that the known values stay when the editor changes."""


@pytest.fixture
def part() -> Callable[[str], Shown]:
    """Return a photograph -> 160 x 208 of its pixels as the reference, and edited; the original is black."""

    def shown_part(name: str) -> Shown:
        pixels = read_image(everyday_photographs()[name])[40:200, 60:268]
        return Shown(np.zeros_like(pixels), read_image(EDITED[name]), pixels)

    return shown_part


@pytest.fixture(params=EDITED)
def shown(request: pytest.FixtureRequest, part: Callable[[str], Shown]) -> Shown:
    """Return the part of every photograph."""
    return part(request.param)

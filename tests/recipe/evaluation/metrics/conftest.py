"""Pairs of images: parts of the photographs in the wheels, and the same parts edited."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import render
from iea.editor.io import read_image
from iea.recipe.evaluation.metrics.compared import Shown

EDITS: Mapping[str, Mapping[str, int]] = {
    "astronaut": {"exposure": 25, "temperature": -30},
    "coffee": {"contrast": 40, "saturation": -60},
    "chelsea": {"sharpness": 80, "vignette": -50},
}
"""Photograph -> the program of its edited part."""


@pytest.fixture
def part() -> Callable[[str], Shown]:
    """Return a photograph -> 160 x 208 of its pixels as the reference, and edited by EDITS; the original is black."""

    def shown_part(name: str) -> Shown:
        pixels = read_image(everyday_photographs()[name])[40:200, 60:268]
        return Shown(np.zeros_like(pixels), render(pixels, EDITS[name]), pixels)

    return shown_part


@pytest.fixture(params=EDITS)
def shown(request: pytest.FixtureRequest, part: Callable[[str], Shown]) -> Shown:
    """Return the part of every photograph."""
    return part(request.param)

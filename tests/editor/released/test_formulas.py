"""The formulas of docs/released.md, written a second time pixel by pixel, give the same results on real photographs."""

import numpy as np
import plain
import pytest

from iea.editor import Image, released

pytestmark = pytest.mark.slow

TOOLS = [name for name in released.NAMES if name != "grain"]
VALUES = (-100, -77, -45, -20, -1, 1, 20, 45, 77, 100)
BLUR_LEVELS = 2  # the second implementation rounds a blur once, OpenCV's has weights of 8 bits


@pytest.mark.parametrize("name", TOOLS)
def test_tools_follow_their_formulas(name: str, crops: list[Image]) -> None:
    for image, value in zip(crops * 2, VALUES, strict=False):
        apart = np.abs(plain.render(image, {name: value}).astype(int) - released.render(image, {name: value}))
        assert apart.max() <= (BLUR_LEVELS if name == "sharpness" else 1), value


def test_programs_follow_the_order(crops: list[Image]) -> None:
    rng = np.random.default_rng(4)
    for image in crops:
        names = rng.permutation([name for name in TOOLS if name != "sharpness"])[:5]
        program = {str(name): int(rng.integers(-100, 101)) for name in names}
        apart = np.abs(plain.render(image, program).astype(int) - released.render(image, program))
        assert apart.max() <= 1, program

"""SSIMULACRA2: its window, and the formulas of the package around it."""

import io
from math import pi

import numpy as np
import pytest
from PIL import Image

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.ssimulacra2 import HALF_WINDOW, blurred, ssimulacra2

pytestmark = pytest.mark.slow  # measures several images

SIGMA, RADIUS = 1.5, 5


def recursive_filter(values: np.ndarray) -> np.ndarray:
    """Filter a row as the original does: three recursions, with the coefficients of Charalampidis (2016), section by section."""
    omega = np.array([1, 3, 5]) * pi / (2 * RADIUS)  # table I
    p = np.array([1, -1, 1]) / np.tan(omega / 2)  # (37)
    r = np.array([1, -1, 1]) * p**2 / np.sin(omega)  # (44)
    rho = np.exp(-((SIGMA * omega) ** 2) / 2) / RADIUS  # (50)
    d13, d35, d51 = (p[a] * r[b] - r[a] * p[b] for a, b in ((0, 1), (1, 2), (2, 0)))  # (52)
    zeta = np.array([d35 / d13, d51 / d13, 1])
    beta = np.linalg.solve([p, r, zeta], [1, RADIUS**2 - SIGMA**2, zeta @ rho])  # (53) to (56)
    entering = -beta * np.cos(omega * (RADIUS + 1))  # (33)
    padded = np.pad(values, (2 * RADIUS + 2, 2 * RADIUS + 2))
    last, before = np.zeros(3), np.zeros(3)
    filtered = np.zeros(len(padded))
    for place in range(RADIUS + 1, len(padded) - RADIUS):
        entered = padded[place - RADIUS - 1] + padded[place + RADIUS - 1]
        last, before = entered * entering + 2 * np.cos(omega) * last - before, last
        filtered[place] = last.sum()
    return filtered[2 * RADIUS + 2 : -2 * RADIUS - 2]


def test_the_window_is_the_response_of_the_recursive_filter() -> None:
    impulse = np.zeros(21)
    impulse[10] = 1
    window = recursive_filter(impulse)
    assert window[10:15] == pytest.approx(HALF_WINDOW, abs=1e-12)
    assert window.sum() == pytest.approx(1)


def test_an_image_is_filtered_in_both_directions_with_zeros_around_it() -> None:
    plane = np.random.default_rng(0).random((12, 17))
    expected = np.apply_along_axis(recursive_filter, 1, np.apply_along_axis(recursive_filter, 0, plane))
    assert blurred(plane[..., None])[..., 0] == pytest.approx(expected, abs=1e-9)


def test_with_this_filter_the_package_gives_the_same_score(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    from ssimulacra2 import ssimulacra2 as package

    monkeypatch.setattr(package, "blur_image", blurred)
    files = [io.BytesIO(), io.BytesIO()]
    for file, image in zip(files, (shown.reference, shown.result), strict=True):
        Image.fromarray(image).save(file, "png")
    assert ssimulacra2(shown) == pytest.approx(package.compute_ssimulacra2(*files), abs=1e-9)


def test_it_depends_on_the_side_of_the_reference(shown: Shown) -> None:
    swapped = Shown(shown.original, shown.reference, shown.result)
    assert ssimulacra2(swapped) != pytest.approx(ssimulacra2(shown), abs=0.01)

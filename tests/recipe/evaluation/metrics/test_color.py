"""Delta E 2000, against the test data of its implementation notes and a second implementation."""

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import numpy as np
import pytest

from iea.recipe.evaluation.metrics import delta_e as module
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.delta_e import delta_e

pytestmark = pytest.mark.slow  # imports scikit-image

Lab = tuple[float, float, float]

SHARMA = """\
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082"""
"""Table 1 of Sharma, Wu and Dalal (2005): L, a, b of two colors and their difference."""
PAIRS = [tuple(map(float, line.split())) for line in SHARMA.splitlines()]


def ciede2000(one: Lab, two: Lab) -> float:
    """Return the difference of two colors, from the equations of the paper."""
    middle = (hypot(*one[1:]) + hypot(*two[1:])) / 2
    g = 0.5 * (1 - sqrt(middle**7 / (middle**7 + 25**7)))
    chroma, hue = zip(
        *((hypot((1 + g) * a, b), degrees(atan2(b, (1 + g) * a)) % 360) for _, a, b in (one, two)), strict=True
    )
    turn = hue[1] - hue[0]
    if chroma[0] * chroma[1] == 0:
        turn, mean_hue = 0.0, sum(hue)
    else:
        mean_hue = sum(hue) / 2 + (180 if abs(turn) > 180 else 0)
        turn -= 360 * (turn > 180) - 360 * (turn < -180)
    mean_light, mean_chroma = (one[0] + two[0]) / 2, sum(chroma) / 2
    weights = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(weight * cos(radians(times * mean_hue + shift)) for weight, times, shift in weights)
    light = (two[0] - one[0]) / (1 + 0.015 * (mean_light - 50) ** 2 / sqrt(20 + (mean_light - 50) ** 2))
    colorful = (chroma[1] - chroma[0]) / (1 + 0.045 * mean_chroma)
    turned = 2 * sqrt(chroma[0] * chroma[1]) * sin(radians(turn / 2)) / (1 + 0.015 * mean_chroma * t)
    bend = 60 * exp(-(((mean_hue - 275) / 25) ** 2))
    rotation = -2 * sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7)) * sin(radians(bend))
    return sqrt(light**2 + colorful**2 + turned**2 + rotation * colorful * turned)


def lab(pixel: list[int]) -> Lab:
    """Return CIELAB of an sRGB pixel, with the matrix of IEC 61966-2-1 and the white of D65."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in np.divide(pixel, 255)
    ]
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = (np.dot(row, linear) / white for row, white in zip(matrix, (0.95047, 1, 1.08883), strict=True))
    x, y, z = (value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116 for value in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("pair", PAIRS)
def test_both_formulas_give_the_published_differences(pair: tuple[float, ...]) -> None:
    from skimage.color import deltaE_ciede2000

    one, two, expected = pair[:3], pair[3:6], pair[6]
    assert ciede2000(one, two) == pytest.approx(expected, abs=5e-5)  # type: ignore[arg-type]
    assert float(deltaE_ciede2000(np.array(one), np.array(two))) == pytest.approx(expected, abs=5e-5)


def test_the_metric_is_the_mean_difference_of_the_pixels(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Shown(*(image[::10, ::10] for image in (shown.original, shown.result, shown.reference)))
    pixels = zip(small.result.reshape(-1, 3).tolist(), small.reference.reshape(-1, 3).tolist(), strict=True)
    expected = np.mean([ciede2000(lab(one), lab(two)) for one, two in pixels])
    assert delta_e(small) == pytest.approx(expected, rel=1e-3)  # matrices of four and of six digits
    whole = delta_e(shown)
    monkeypatch.setattr(module, "ROWS_PX", 7 * shown.reference.shape[1])
    assert delta_e(shown) == pytest.approx(whole, rel=1e-12), "converted in parts"


def test_black_and_white_differ_by_100() -> None:
    black = np.zeros((8, 8, 3), np.uint8)
    assert delta_e(Shown(black, black, black + np.uint8(255))) == pytest.approx(100, abs=0.01)

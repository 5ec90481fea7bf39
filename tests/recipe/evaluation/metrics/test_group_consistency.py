"""Group consistency of edited images, against a plain computation with OpenCV's CIELAB."""

import cv2
import numpy as np
import pandas as pd
import pytest

from iea.recipe.evaluation.metrics import METRICS, measured, missing, row_values
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.measure import measure

pytestmark = pytest.mark.slow  # imports scikit-image

METRIC = METRICS["group_consistency"]
RNG = np.random.default_rng(0)
COLORS = [(90, 60, 30), (60, 90, 120), (160, 120, 150), (100, 140, 90)]
IMAGES = [(RNG.integers(0, 90, (20, 30, 3)) + color).astype(np.uint8) for color in COLORS]


def rows(photos: str, originals: str) -> pd.DataFrame:
    facts = {"photo": list(photos), "original": list(originals), "data_source": "iea/edit", "d_after": 0.1}
    results = pd.DataFrame(facts)
    shown = [Shown(image, None, image) for image in IMAGES[: len(results)]]
    return measure(results, shown, [METRIC])


def plain(images: list[np.ndarray]) -> float:
    """Compute the sample variance of the mean a* and b* of images, and average both."""
    means = [cv2.cvtColor((image / 255).astype(np.float32), cv2.COLOR_RGB2LAB).mean(axis=(0, 1)) for image in images]
    return float(np.mean([np.var([mean[channel] for mean in means], ddof=1) for channel in (1, 2)]))


def test_the_mean_over_groups_is_that_of_a_plain_computation() -> None:
    found = measured(METRIC, rows("ppqq", "1234"))
    assert found == pytest.approx((plain(IMAGES[:2]) + plain(IMAGES[2:])) / 2, rel=0.01)  # OpenCV's cube root


def test_equal_colors_are_consistent_and_one_original_is_no_group() -> None:
    results = rows("ppqq", "1123")
    assert row_values(METRIC, results).isna().tolist() == [True, True, False, True]
    assert measured(METRIC, results) == pytest.approx(plain(IMAGES[2:]), rel=0.01)
    assert missing(METRIC, rows("pqrs", "1234")) == "no row has a value"
    same = measure(results, [Shown(IMAGES[0], None, IMAGES[0])] * 4, [METRIC])
    assert measured(METRIC, same) == pytest.approx(0, abs=1e-9)

"""Metrics of pixels: L1, RMSE, MSE, PSNR, SSIM and FLIP, against other implementations on the same images."""

from collections.abc import Callable
from math import sqrt

import cv2
import numpy as np
import pytest

from iea.editor import distance
from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings

pytestmark = pytest.mark.slow  # imports torch

FLIP = {"astronaut": 0.3338927924633026, "coffee": 0.493499219417572, "chelsea": 0.24070864915847778}
"""Photograph -> the mean of LDRFLIPLoss of its part: the PyTorch program of FLIP's authors, src/pytorch/flip_loss.py."""
ELSEWHERE = ("lpips", "clip_i", "group_consistency")
WITHOUT_WEIGHTS = [name for name, metric in METRICS.items() if metric.images and name not in ELSEWHERE]
"""The others are in test_networks.py and test_group_consistency.py."""


def value(name: str, shown: Shown) -> float:
    measure = METRICS[name].images
    assert measure is not None
    return measure(MetricSettings())(shown)


def test_differences_are_those_of_single_values(shown: Shown) -> None:
    pairs = list(zip(shown.result.ravel().tolist(), shown.reference.ravel().tolist(), strict=True))
    l1 = sum(abs(a - b) for a, b in pairs) / len(pairs) / 255
    mse = sum((a - b) ** 2 for a, b in pairs) / len(pairs) / 255**2
    found = [value(name, shown) for name in ("l1", "mse", "rmse")]
    assert found == pytest.approx([l1, mse, sqrt(mse)], rel=1e-12)


def test_the_distance_of_the_reward_is_the_mean_of_l1_and_rmse(shown: Shown) -> None:
    expected = (value("l1", shown) + value("rmse", shown)) / 2
    assert distance(shown.result, shown.reference) == pytest.approx(expected, rel=1e-12)


def test_psnr_is_that_of_opencv_and_scikit_image(shown: Shown) -> None:
    from skimage.metrics import peak_signal_noise_ratio

    others = [
        cv2.PSNR(shown.result, shown.reference),
        peak_signal_noise_ratio(shown.reference, shown.result, data_range=255),
    ]
    assert others == pytest.approx([value("psnr", shown)] * 2, rel=1e-9)


def test_ssim_is_that_of_kornia(shown: Shown) -> None:
    import torch
    from kornia.metrics import ssim

    first, second = (torch.from_numpy(levels).permute(2, 0, 1)[None] for levels in shown.levels())
    expected = ssim(first, second, 11, eps=0.0, padding="valid").mean()
    assert value("ssim", shown) == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("name", FLIP)
def test_flip_is_that_of_its_authors_in_pytorch(name: str, part: Callable[[str], Shown]) -> None:
    assert value("flip", part(name)) == pytest.approx(FLIP[name], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "best"), [("psnr", 100.0), ("ssim", 1.0), ("flip", 0.0), ("delta_e", 0.0), ("ssimulacra2", 100.0)]
)
def test_equal_images_have_the_best_value(name: str, best: float, shown: Shown) -> None:
    assert value(name, Shown(shown.original, shown.reference, shown.reference)) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_a_stronger_edit_is_worse(name: str, shown: Shown) -> None:
    half = np.round((shown.result.astype(float) + shown.reference) / 2).astype(np.uint8)
    closer, farther = value(name, Shown(shown.original, half, shown.reference)), value(name, shown)
    assert (closer > farther) is (METRICS[name].better == "higher")


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_the_smallest_image_has_a_value(name: str, part: Callable[[str], Shown]) -> None:
    whole, side = part("coffee"), METRICS[name].smallest
    small = Shown(*(image[:side, :side] for image in (whole.original, whole.result, whole.reference)))
    assert np.isfinite(value(name, small))

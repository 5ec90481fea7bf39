"""PSNR: peak signal-to-noise ratio over all values, dB."""

from math import log10

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import image_metric
from iea.recipe.evaluation.metrics.mse import mse

EQUAL = 100.0
"""dB of equal images, whose PSNR is infinite, and of the few that are closer than this: a mean must be finite."""


def psnr(shown: Shown) -> float:
    """Return -10 log10(MSE), dB, at most EQUAL.

    >>> import numpy as np
    >>> black, gray = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 51, np.uint8)
    >>> round(psnr(Shown(black, black, gray)), 3), psnr(Shown(black, gray, gray))
    (13.979, 100.0)
    """
    error = mse(shown)
    return min(EQUAL, -10 * log10(error)) if error else EQUAL


METRIC = image_metric(
    "psnr",
    "PSNR",
    lambda _: psnr,
    better="higher",
    span="0 to 100 dB, 100 for equal images",
    source="-10 log10(MSE) of one image, over R, G and B",
    rank=24,
    format=".2f",
)

"""SSIMULACRA2: perceptual similarity over six scales of XYB, fitted to human ratings of compressed images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks

SCALES, SIDE = 6, 8
HALF_WINDOW = (0.2646211054881984, 0.2129285920104221, 0.1093353727774601, 0.0360111146583642, 0.0094143678096535)
"""From its middle, the window that the original's recursive filter has: Charalampidis (2016), sigma 1.5, radius 5. The
package has a sampled Gaussian of another tail instead, which changes scores by up to several points."""


def ssimulacra2(shown: Shown) -> float:
    """Return the score: 100 for equal images, 90 for no visible difference, 30 for low quality; it has no lower limit.

    Images below 256 pixels a side have fewer scales, and scores that are not comparable with those of larger ones.

    References
    ----------
    Sneyers, SSIMULACRA 2.1: https://github.com/cloudinary/ssimulacra2. Its formulas and weights are those of the package
    ssimulacra2 0.3; the filter is the original's.
    """
    from ssimulacra2 import ssimulacra2 as package

    first, second = (package.srgb_to_linear(image) for image in (shown.reference, shown.result))
    score = package.Msssim()
    for _ in range(SCALES):
        if min(first.shape[:2]) < SIDE:
            break
        a, b = (package.make_positive_xyb(package.linear_rgb_to_xyb(linear)) for linear in (first, second))
        mean_a, mean_b = blurred(a), blurred(b)
        scale = package.MsssimScale()
        scale.avg_ssim = package.ssim_map(mean_a, mean_b, blurred(a * a), blurred(b * b), blurred(a * b))
        scale.avg_edgediff = package.edge_diff_map(a, mean_a, b, mean_b)
        score.scales.append(scale)
        first, second = package.downsample(first, 2, 2), package.downsample(second, 2, 2)
    return float(score.score())


def blurred(image: NDArray[np.float64]) -> Any:
    """Convolve rows and columns with the window, with zeros beyond the borders."""
    from scipy.ndimage import correlate1d

    window = (*HALF_WINDOW[:0:-1], *HALF_WINDOW)
    return correlate1d(correlate1d(image, window, axis=0, mode="constant"), window, axis=1, mode="constant")


def unavailable(_: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    return lacks("ssimulacra2", "ssimulacra2")


METRIC = image_metric(
    "ssimulacra2",
    "SSIMULACRA2",
    lambda _: ssimulacra2,
    better="higher",
    span="below 0 to 100",
    source="formulas and weights of ssimulacra2 0.3, with the filter of the original",
    rank=28,
    format=".1f",
    smallest=SIDE,
    unavailable=unavailable,
)

"""Delta E 2000: mean color difference of the pixels (CIEDE2000), in CIELAB of sRGB under D65."""

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks

ROWS_PX = 2**20  # pixels that are converted at a time: about 300 bytes each


def delta_e(shown: Shown) -> float:
    """Return the mean of CIEDE2000 over all pixels.

    References
    ----------
    Sharma, Wu and Dalal (2005), The CIEDE2000 color-difference formula: k_L = k_C = k_H = 1.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab

    height, width, _ = shown.reference.shape
    rows = max(1, ROWS_PX // width)
    total = 0.0
    for top in range(0, height, rows):
        result, reference = (rgb2lab(image[top : top + rows]) for image in (shown.result, shown.reference))
        total += float(deltaE_ciede2000(result, reference).sum())
    return total / float(height * width)


def unavailable(_: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    return lacks("scikit-image", "skimage")


METRIC = image_metric(
    "delta_e",
    "ΔE00",
    lambda _: delta_e,
    better="lower",
    span="from 0; black and white differ by 100",
    source="scikit-image: CIEDE2000 of sRGB under D65, mean over pixels",
    rank=26,
    format=".2f",
    unavailable=unavailable,
)

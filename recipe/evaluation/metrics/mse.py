"""MSE: mean squared difference of the values, with white at 1; the L2 of JarvisArt and JarvisEvo."""

import numpy as np

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import image_metric


def mse(shown: Shown) -> float:
    """Return mean((a - b)^2) over all pixels and channels.

    >>> black, gray = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 51, np.uint8)
    >>> round(mse(Shown(black, black, gray)), 9)
    0.04
    """
    result, reference = shown.levels()
    return float(np.square(result - reference).mean())


METRIC = image_metric(
    "mse",
    "L2 (MSE)",
    lambda _: mse,
    better="lower",
    span="0 to 1",
    source="numpy: mean of (a - b)^2 over all values",
    rank=23,
    format=".4f",
)

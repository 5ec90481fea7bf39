"""L1: mean absolute difference of the values, with white at 1."""

import numpy as np

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import image_metric


def l1(shown: Shown) -> float:
    """Return mean(|a - b|) over all pixels and channels.

    >>> black, gray = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 51, np.uint8)
    >>> round(l1(Shown(black, black, gray)), 9)
    0.2
    """
    result, reference = shown.levels()
    return float(np.abs(result - reference).mean())


METRIC = image_metric(
    "l1", "L1", lambda _: l1, better="lower", span="0 to 1", source="numpy: mean of abs(a - b) over all values", rank=21
)

"""Group consistency: how much the mean color of edited images differs within a group, such as a series of portraits of PPR10K."""

import numpy as np
import pandas as pd

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.delta_e import ROWS_PX, unavailable
from iea.recipe.evaluation.metrics.metric import Metric

COLUMNS = ("mean_a", "mean_b")


def mean_color(shown: Shown) -> tuple[float, ...]:
    """Return the mean a* and b* of the result, in CIELAB under D65."""
    from skimage.color import rgb2lab

    pixels = shown.result.reshape(1, -1, 3)
    parts = (rgb2lab(pixels[:, first : first + ROWS_PX])[0, :, 1:] for first in range(0, pixels.shape[1], ROWS_PX))
    total: list[float] = (np.sum([part.sum(axis=0) for part in parts], axis=0) / pixels.shape[1]).tolist()
    return tuple(total)


def variance(results: pd.DataFrame) -> "pd.Series[float]":
    """Return the variance of a group at its first row, NaN at the others, so that the mean over rows is that over groups.

    A group is the rows of one `photo`; it has a value if they have at least two originals. Several edits of one original count
    by their mean.

    Examples
    --------
    >>> variance(pd.DataFrame({"photo": ["p", "p", "q"], "original": ["1", "2", "3"], "mean_a": [0, 2, 9], "mean_b": [0, 4, 9]})).tolist()
    [5.0, nan, nan]

    References
    ----------
    Liang et al. (2021), PPR10K: A large-scale portrait photo retouching dataset: the mean over groups of the mean of the sample
    variances of a* and b*, without masks, as in its published script.
    """
    means = results.groupby(["photo", "original"])[[*COLUMNS]].mean()
    by_group = means.groupby("photo").var().mean(axis=1)
    return results.photo.map(by_group).where(~results.photo.duplicated())


METRIC = Metric(
    "group_consistency",
    "GLC",
    variance,
    better="lower",
    needs="d_after",
    rank=29,
    format=".2f",
    columns=COLUMNS,
    images=lambda _: mean_color,
    unavailable=unavailable,
    span="from 0",
    failed="the unedited image",
    source="sample variance of mean a* and b* over the originals of one `photo`, such as a series of PPR10K; mean over groups",
)

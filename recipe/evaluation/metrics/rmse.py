"""RMSE: root of the mean squared difference of the values, with white at 1."""

from math import sqrt

from iea.recipe.evaluation.metrics.metric import image_metric
from iea.recipe.evaluation.metrics.mse import mse

METRIC = image_metric(
    "rmse",
    "RMSE",
    lambda _: lambda shown: sqrt(mse(shown)),
    better="lower",
    span="0 to 1",
    source="root of the MSE of one image; the mean is over images",
    rank=22,
)

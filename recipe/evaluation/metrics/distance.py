"""Distance of the edited photographs to the references."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric("distance", "D", lambda results: results.d_after.mean(), better="lower", rank=20)

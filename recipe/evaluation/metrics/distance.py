"""Distance of the edited photographs to the references."""

from iea.recipe.evaluation.metrics.metric import Metric, mean_of

METRIC = Metric("distance", "D", mean_of("d_after"), better="lower", rank=20)

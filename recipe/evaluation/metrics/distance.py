"""Distance of the edited photographs to the references: the paper's L, the mean of L1 and RMSE."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric("distance", "L", lambda results: results.d_after, better="lower", needs="d_after", rank=20)

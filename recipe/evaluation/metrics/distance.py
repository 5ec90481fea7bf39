"""Distance of the edited photographs to the references: the paper's L, the mean of L1 and RMSE."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "distance",
    "L",
    lambda results: results.d_after,
    better="lower",
    needs="d_after",
    rank=20,
    span="0 to 1",
    failed="the unedited image",
    source="(L1 + RMSE) / 2 of one image, by the editor, at its 8 or 16 bits",
)

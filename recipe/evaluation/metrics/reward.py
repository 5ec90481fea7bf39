"""The reward under the weights of the evaluation, `Settings.terms`."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "reward",
    "reward",
    lambda results: results.score,
    better="higher",
    rank=90,
    span="-1 to 1",
    failed="-1",
    source="the weighted terms; of a summary R_align / 10",
)

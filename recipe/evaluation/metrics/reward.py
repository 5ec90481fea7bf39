"""The training reward."""

from iea.recipe.evaluation.metrics.metric import Metric, mean_of

METRIC = Metric("reward", "reward", mean_of("score"), better="higher", rank=90)

"""The training reward."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric("reward", "reward", lambda results: results.score.mean(), better="higher", rank=90)

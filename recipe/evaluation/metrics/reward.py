"""The reward under the weights of the evaluation, `Settings.terms`."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric("reward", "reward", lambda results: results.score, better="higher", rank=90)

"""The reward of a program in the default form, which does not pay for tools that change next to nothing."""

from iea.recipe.evaluation.metrics.metric import weighted
from iea.reward_fns.weights import DEFAULT_WEIGHTS

METRIC = weighted("reward_honest", "reward, honest form", DEFAULT_WEIGHTS, rank=71)

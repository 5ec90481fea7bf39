"""The reward of a program in the paper's form, for any form that the policy was trained with."""

from iea.recipe.evaluation.metrics.metric import weighted
from iea.reward_fns.weights import PAPER_WEIGHTS

METRIC = weighted("reward_paper", "reward, paper's form", PAPER_WEIGHTS, rank=70)

"""R_align: the reward of a summary on the judge's scale of -10 to 10, with the checks that precede the judge."""

from iea.recipe.evaluation.metrics.metric import Metric
from iea.reward_fns.tasks.summary import SCALE

METRIC = Metric(
    "r_align",
    "R_align",
    lambda results: SCALE * results.score.where((results.error == 0) & (results.fallback == 0)),
    better="higher",
    needs="judge",
    format=".2f",
    rank=50,
    span="-10 to 10",
    failed="the score of the check that rejects it, such as -10",
    source="the judge, with the checks before it",
)

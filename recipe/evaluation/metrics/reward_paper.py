"""The reward of a program in the paper's form, for any form that the policy was trained with."""

import pandas as pd

from iea.recipe.evaluation.metrics.metric import Metric

PAPER = {"r_like": 0.7, "r_use": 0.3}

METRIC = Metric(
    "reward_paper",
    "reward, paper's form",
    lambda results: results[list(PAPER)] @ pd.Series(PAPER),
    better="higher",
    needs="r_use",
    rank=70,
)

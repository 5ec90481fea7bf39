"""The reward of a program in the honest form, which does not pay for tools that change next to nothing."""

import pandas as pd

from iea.recipe.evaluation.metrics.metric import Metric

HONEST = {"r_like": 0.7, "r_use_scaled": 0.3}

METRIC = Metric(
    "reward_honest",
    "reward, honest form",
    lambda results: results[list(HONEST)] @ pd.Series(HONEST),
    better="higher",
    needs="r_use_scaled",
    rank=71,
)

"""Share of valid answers."""

import pandas as pd

from iea.recipe.evaluation.metrics.metric import Metric


def percent_valid(results: pd.DataFrame) -> float:
    """Return the percentage of answers that hold a program, or a sentence that the judge can score."""
    return 100 * float(results.parsable.mean())


METRIC = Metric("valid", "valid %", percent_valid, better="higher", format=".1f", rank=10)

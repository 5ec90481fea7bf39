"""Percentage of answers that hold a program, or a sentence that the judge can score."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "valid",
    "valid %",
    lambda results: 100 * results.parsable,
    better="higher",
    needs="parsable",
    format=".1f",
    rank=10,
    span="0 to 100",
    failed="0; 100 - valid % is the share of failed rows",
    source="answers with a program, or with a sentence for the judge",
)

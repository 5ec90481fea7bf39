"""ROUGE-L of a summary against the right answers of its row."""

from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "rouge_l",
    "ROUGE-L",
    lambda results: results.rouge_l.where(results.error == 0),
    better="higher",
    needs="rouge_l",
    rank=55,
    span="0 to 1",
    failed="0 without a word",
    source="rouge-score: F-measure of stemmed words, the best over the references",
)

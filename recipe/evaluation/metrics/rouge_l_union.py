"""ROUGE-L of the older package rouge, from which the paper's number comes: not comparable with that of rouge-score."""

from collections.abc import Callable

from iea.recipe.evaluation.metrics.compared import Said
from iea.recipe.evaluation.metrics.metric import MetricSettings, lacks, text_metric
from iea.reward_fns.tasks.summary import MAX_ROUGE_CHARS


def rouge_l_union(_: MetricSettings) -> Callable[[Said], float]:
    """Load the package, and return the function that gives the best F-measure over the references.

    It splits words at spaces alone, keeps case and punctuation, counts a repeated word once, and joins the common
    subsequences of the sentences between full stops.
    """
    from rouge import Rouge

    scorer = Rouge(metrics=["rouge-l"], stats=["f"])

    def measure(said: Said) -> float:
        """Return the best F-measure; of an answer of several thousand characters that of its start."""
        answer = said.answer[:MAX_ROUGE_CHARS]
        scores = scorer.get_scores([answer] * len(said.references), list(said.references))
        return max(float(score["rouge-l"]["f"]) for score in scores)

    return measure


def unavailable(_: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    return lacks("rouge", "rouge")


METRIC = text_metric(
    "rouge_l_union",
    "ROUGE-L, as in the paper",
    rouge_l_union,
    source="rouge 1.0.1: F-measure, words split at spaces, the best over the references",
    rank=56,
    unavailable=unavailable,
)

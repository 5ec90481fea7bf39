"""The decision without a server: one of the 21 integers, the most probable step by step, whatever it is asked beside."""

from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns.judge.prompt import SCORES, judge_messages

pytest.importorskip("transformers")
from iea.recipe.judge.answers import answers, next_tokens

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
PAIRS = [
    ("make it a little warmer", "cool it down a bit"),
    ("raise the exposure a little", ""),
    ("add a lot of grain and lift the shadows, please", "can you add a lot of grain?"),
    ("make it a little warmer", "words that nobody taught it: \u043f\u0440\u0438\u0432\u0435\u0442"),
    ("sharpen it", "make it nicer"),
]


class Digits:
    """A tokenizer that spells numbers as Qwen3's does: sign and digits one by one."""

    eos_token_id = 99

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        return [ord(letter) - ord("0") for letter in text]


def test_numbers_of_several_tokens_can_end_only_where_they_are_whole() -> None:
    nexts = next_tokens(Digits())
    sign = ord("-") - ord("0")
    assert nexts[()] == [sign, *range(10)]
    assert nexts[(sign,)] == list(range(1, 10))
    assert nexts[(1,)] == nexts[(sign, 1)] == [0, 99]
    assert nexts[(7,)] == nexts[(1, 0)] == nexts[(sign, 1, 0)] == [99]
    assert sum(99 in tokens for tokens in nexts.values()) == len(SCORES)


def test_answers_are_the_most_probable_integers(judge: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(judge)
    model = AutoModelForCausalLM.from_pretrained(judge).eval()
    allowed = tokenizer.convert_tokens_to_ids(list(SCORES))
    expected = []
    for pair in PAIRS:  # one by one, without padding
        inputs: Any = tokenizer.apply_chat_template(
            judge_messages(*pair), add_generation_prompt=True, return_tensors="pt"
        )
        with torch.no_grad():
            logits = model(**inputs).logits[0, -1, allowed]
        expected.append(int(SCORES[int(logits.argmax())]))
    assert answers(judge, PAIRS) == expected
    assert len(set(expected)) > 1


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_answers_do_not_depend_on_the_batch(judge: Path, batch: int) -> None:
    assert answers(judge, PAIRS, batch=batch) == answers(judge, PAIRS)


def test_nothing_asked_is_nothing_answered(judge: Path) -> None:
    assert answers(judge, []) == []

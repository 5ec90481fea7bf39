"""The tiny judge: whole words, one token per score, and equal chats in verl and in the server."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.runner import read_rows
from iea.editor import TOOLS
from iea.recipe.tiny.judge_rows import NONSENSE, UNASKED, VAGUE, VERDICTS
from iea.reward_fns.judge.prompt import SCORES, judge_messages

pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
PROMPT = judge_messages("make it a little warmer", "Warm it up\nby +20!")
TRAINED = [*PROMPT, {"role": "assistant", "content": "temperature +25 ; temperature +25 -25 opposite : -10"}]


@pytest.fixture(scope="module")
def tokenizer(judge: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(judge)


def test_model_and_tokenizer_have_one_vocabulary(judge: Path, tokenizer: Any) -> None:
    config = json.loads((judge / "config.json").read_text())
    assert config["vocab_size"] == len(tokenizer)
    assert config["architectures"] == ["Qwen3ForCausalLM"]


@pytest.mark.parametrize("score", SCORES)
def test_every_score_is_one_token(tokenizer: Any, score: str) -> None:
    tokens = tokenizer.encode(score, add_special_tokens=False)
    assert len(tokens) == 1
    assert tokenizer.decode(tokens) == score


def test_the_served_prompt_is_a_prefix_of_the_training_text(tokenizer: Any) -> None:
    prompt = tokenizer.apply_chat_template(PROMPT, add_generation_prompt=True, tokenize=True)["input_ids"]
    trained = tokenizer.apply_chat_template(TRAINED, tokenize=True)["input_ids"]
    assert trained[: len(prompt)] == prompt
    assert tokenizer.tokenize(tokenizer.decode(trained[len(prompt) :])) == [
        *("temperature", "+", "25", ";", "temperature", "+", "25", "-", "25", "opposite", ":", "-10"),
        "<|im_end|>",
    ]


def test_turns_rendered_separately_make_the_whole_chat(tokenizer: Any) -> None:
    turns = [tokenizer.apply_chat_template([turn], tokenize=True)["input_ids"] for turn in TRAINED]
    assert list(chain(*turns)) == tokenizer.apply_chat_template(TRAINED, tokenize=True)["input_ids"]
    assert all(turns)  # verl cannot join an empty one


@pytest.mark.parametrize("word", [*TOOLS, *VERDICTS, VAGUE, NONSENSE, UNASKED, ";", ":"])
def test_every_word_of_a_rationale_is_one_token(tokenizer: Any, word: str) -> None:
    assert tokenizer.tokenize(word) == [word]


@pytest.mark.parametrize("amount", range(15, 101, 5))
def test_a_number_is_a_sign_token_and_an_amount_token(tokenizer: Any, amount: int) -> None:
    for sign in "+-":
        assert tokenizer.tokenize(f"{sign}{amount}") == [sign, str(amount)]


def test_the_system_turn_is_one_token(tokenizer: Any) -> None:
    assert len(tokenizer.apply_chat_template(PROMPT[:1], tokenize=True)["input_ids"]) == 1


def test_words_are_whole_tokens_in_any_case(tokenizer: Any) -> None:
    assert tokenizer.tokenize("MAKE the Colours stronger, please -20!") == [
        *("make", "the", "colours", "stronger", ",", "please", "-", "20"),
        tokenizer.unk_token,
    ]


def test_nearly_every_held_out_word_is_in_the_vocabulary(judged: Path, tokenizer: Any) -> None:
    """The rows come from 150 programs; those of thousands cover every word."""
    rows = [row for row in read_rows(judged) if row["split"] == "val"]
    words = [word for row in rows for word in tokenizer.tokenize(f"{row['reference']} {row['prediction']}")]
    assert sum(word == tokenizer.unk_token for word in words) < 0.01 * len(words)


def test_same_seed_gives_the_same_weights(judge: Path, judge_rows: Path, tmp_path: Path) -> None:
    from iea.recipe.tiny.judge import JudgeSize, build_tiny_judge
    from iea.recipe.tiny.policy import message_texts

    size = JudgeSize(hidden=32, layers=2, mlp=64)
    for seed, name in ((0, "again"), (1, "other")):
        build_tiny_judge(tmp_path / name, message_texts(judge_rows / "train.parquet"), size, seed)
    weights = [
        (folder / "model.safetensors").read_bytes() for folder in (judge, tmp_path / "again", tmp_path / "other")
    ]
    assert weights[0] == weights[1] != weights[2]
    assert (tmp_path / "again/tokenizer.json").read_bytes() == (judge / "tokenizer.json").read_bytes()

"""What a judge answers, without a server: what vLLM decodes under `structured_outputs`, in transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.reward_fns.judge.judge import INTEGER_TOKENS, REASONED_TOKENS
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages, score_in


def answers(
    model: Path, pairs: Sequence[tuple[str, str]], *, reasoned: bool = False, batch: int = 256
) -> list[str]:
    """What a judge says of each pair: one of the 21 integers, or a reason and one of them.

    Greedy, token by token among the tokens that begin or go on with such an answer, as vLLM decodes at temperature 0 with
    the same library (xgrammar). Where an integer is several tokens, as in Qwen3, the most probable integer as a whole could
    be another one; the judge in use is the one that should be examined.

    Parameters
    ----------
    model : folder of a Hugging Face causal language model with its tokenizer
    pairs : (reference, prediction)
    reasoned : as `decode: reasoned` of JudgeSettings
    batch : pairs at once
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    judge = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    size = judge.config.vocab_size
    grammar = _grammar(tokenizer, size, REASONED) if reasoned else integers_only(tokenizer, size)
    prompts = [_prompt(tokenizer, *pair) for pair in pairs]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # little padding in a batch
    said = [""] * len(prompts)
    for start in tqdm(range(0, len(order), batch), desc="judging", unit="batch", leave=False):
        places = order[start : start + batch]
        longest = REASONED_TOKENS if reasoned else INTEGER_TOKENS
        texts = _decode(judge, tokenizer, grammar, [prompts[i] for i in places], longest)
        for place, text in zip(places, texts, strict=True):
            said[place] = text
    return said


def score_of(answer: str) -> int:
    """The integer that one of `answers` ends with."""
    return int(score_in(answer))


def integers_only(tokenizer: Any, vocabulary: int) -> Any:
    """xgrammar's compiled grammar of the 21 integers, for a tokenizer of so many tokens."""
    return _grammar(tokenizer, vocabulary, "|".join(reversed(SCORES)))


def _grammar(tokenizer: Any, vocabulary: int, pattern: str) -> Any:
    import xgrammar

    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary)
    return xgrammar.GrammarCompiler(info).compile_regex(pattern)


def _prompt(tokenizer: Any, reference: str, prediction: str) -> str:
    messages = judge_messages(reference, prediction)
    return str(
        tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
    )


def _decode(judge: Any, tokenizer: Any, grammar: Any, prompts: list[str], longest: int) -> list[str]:
    import torch
    from xgrammar.contrib.hf import LogitsProcessor

    inputs = tokenizer(prompts, padding=True, add_special_tokens=False, return_tensors="pt")
    with torch.no_grad():
        tokens = judge.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            logits_processor=[LogitsProcessor(grammar)],  # good for one batch
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    asked = inputs.input_ids.shape[1]
    return list(tokenizer.batch_decode(tokens[:, asked:], skip_special_tokens=True))

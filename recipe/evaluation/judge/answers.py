"""Decode a judge's answers in transformers, under the same grammar as vLLM's `structured_outputs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.recipe.evaluation.device import device
from iea.reward_fns.judge.judge import INTEGER_TOKENS, REASONED_TOKENS
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages, score_in

INTEGER = "|".join(reversed(SCORES))
"""The form of an answer that is the score alone; REASONED is that of one with a rationale."""


def answers(model: Path, pairs: Sequence[tuple[str, str]], *, reasoned: bool = False, batch: int = 256) -> list[str]:
    """Return the judge's answer to each pair: one of the 21 integers, or a rationale and one of them.

    Decoding is greedy, token by token among the tokens that the grammar allows, as in vLLM at temperature 0 with the same
    library (xgrammar). In a tokenizer such as Qwen3's, where an integer is several tokens, this is not always the most
    probable integer; it is the answer that training gets.

    Parameters
    ----------
    model : folder of a Hugging Face causal language model with its tokenizer
    pairs : (reference, prediction)
    reasoned : as `decode: reasoned` of JudgeSettings
    batch : pairs per batch
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    judge = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).to(device()).eval()
    pattern, longest = (REASONED, REASONED_TOKENS) if reasoned else (INTEGER, INTEGER_TOKENS)
    allowed = grammar(tokenizer, judge.config.vocab_size, pattern)
    prompts = [_prompt(tokenizer, *pair) for pair in pairs]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # little padding per batch
    said = [""] * len(prompts)
    for start in tqdm(range(0, len(order), batch), desc="judging", unit="batch", leave=False):
        places = order[start : start + batch]
        texts = _decode(judge, tokenizer, allowed, [prompts[i] for i in places], longest)
        for place, text in zip(places, texts, strict=True):
            said[place] = text
    return said


def score_of(answer: str) -> int:
    """Return the integer at the end of an answer."""
    return int(score_in(answer))


def grammar(tokenizer: Any, vocabulary: int, pattern: str) -> Any:
    """Compile a regular expression for a tokenizer; `vocabulary` is the model's number of tokens."""
    import xgrammar

    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary)
    return xgrammar.GrammarCompiler(info).compile_regex(pattern)


def _prompt(tokenizer: Any, reference: str, prediction: str) -> str:
    messages = judge_messages(reference, prediction)
    return str(
        tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    )


def _decode(judge: Any, tokenizer: Any, allowed: Any, prompts: list[str], longest: int) -> list[str]:
    import torch
    from xgrammar.contrib.hf import LogitsProcessor

    inputs = tokenizer(prompts, padding=True, add_special_tokens=False, return_tensors="pt").to(judge.device)
    with torch.no_grad():
        tokens = judge.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            logits_processor=[LogitsProcessor(allowed)],  # a processor serves one batch
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    return list(tokenizer.batch_decode(tokens[:, inputs.input_ids.shape[1] :], skip_special_tokens=True))

"""Decode a judge's answers in transformers, under the same grammar as vLLM's `structured_outputs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.reward_fns.judge.judge import INTEGER_TOKENS, REASONED_TOKENS
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages, score_in


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
    judge = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    size = judge.config.vocab_size
    grammar = _grammar(tokenizer, size, REASONED) if reasoned else integers_only(tokenizer, size)
    prompts = [_prompt(tokenizer, *pair) for pair in pairs]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # little padding per batch
    said = [""] * len(prompts)
    for start in tqdm(range(0, len(order), batch), desc="judging", unit="batch", leave=False):
        places = order[start : start + batch]
        longest = REASONED_TOKENS if reasoned else INTEGER_TOKENS
        texts = _decode(judge, tokenizer, grammar, [prompts[i] for i in places], longest)
        for place, text in zip(places, texts, strict=True):
            said[place] = text
    return said


def score_of(answer: str) -> int:
    """Return the integer at the end of an answer."""
    return int(score_in(answer))


def integers_only(tokenizer: Any, vocabulary: int) -> Any:
    """Compile the grammar of the 21 integers for a tokenizer; `vocabulary` is the model's number of tokens."""
    return _grammar(tokenizer, vocabulary, "|".join(reversed(SCORES)))


def _grammar(tokenizer: Any, vocabulary: int, pattern: str) -> Any:
    import xgrammar

    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=vocabulary)
    return xgrammar.GrammarCompiler(info).compile_regex(pattern)


def _prompt(tokenizer: Any, reference: str, prediction: str) -> str:
    messages = judge_messages(reference, prediction)
    return str(
        tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, enable_thinking=False)
    )


def _decode(judge: Any, tokenizer: Any, grammar: Any, prompts: list[str], longest: int) -> list[str]:
    import torch
    from xgrammar.contrib.hf import LogitsProcessor

    inputs = tokenizer(prompts, padding=True, add_special_tokens=False, return_tensors="pt")
    with torch.no_grad():
        tokens = judge.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            logits_processor=[LogitsProcessor(grammar)],  # a processor serves one batch
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    prompt_length = inputs.input_ids.shape[1]
    return list(tokenizer.batch_decode(tokens[:, prompt_length:], skip_special_tokens=True))

"""What a judge answers, without a server: vLLM's decision for `structured_outputs.choice`, in transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.reward_fns.judge.prompt import SCORES, judge_messages


def answers(model: Path, pairs: Sequence[tuple[str, str]], *, batch: int = 256) -> list[int]:
    """The integer in [-10, 10] that a judge gives each pair.

    Greedy, token by token among the tokens that begin or go on with one of the 21 integers, as vLLM decodes a choice at
    temperature 0. Where an integer is several tokens, as in Qwen3, the most probable integer as a whole could be another
    one; the judge in use is the one that should be examined.

    Parameters
    ----------
    model : folder of a Hugging Face causal language model with its tokenizer
    pairs : (reference, prediction)
    batch : pairs at once
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
    judge = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    nexts = next_tokens(tokenizer)
    prompts = [_prompt(tokenizer, *pair) for pair in pairs]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # little padding in a batch
    scores = [0] * len(prompts)
    for start in tqdm(range(0, len(order), batch), desc="judging", unit="batch", leave=False):
        places = order[start : start + batch]
        for place, score in zip(
            places, _decide(judge, tokenizer, nexts, [prompts[i] for i in places]), strict=True
        ):
            scores[place] = score
    return scores


def next_tokens(tokenizer: Any) -> Mapping[tuple[int, ...], list[int]]:
    """What may follow the tokens of an answer so far, for each that begins one of the 21; a whole one ends the turn."""
    follow: dict[tuple[int, ...], set[int]] = {}
    for score in SCORES:
        path = (*tokenizer.encode(score, add_special_tokens=False), tokenizer.eos_token_id)
        for length, token in enumerate(path):
            follow.setdefault(path[:length], set()).add(token)
    return {said: sorted(tokens) for said, tokens in follow.items()}


def _prompt(tokenizer: Any, reference: str, prediction: str) -> str:
    messages = judge_messages(reference, prediction)
    return str(
        tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
    )


def _decide(
    judge: Any, tokenizer: Any, nexts: Mapping[tuple[int, ...], list[int]], prompts: list[str]
) -> list[int]:
    import torch

    inputs = tokenizer(prompts, padding=True, add_special_tokens=False, return_tensors="pt")
    asked = inputs.input_ids.shape[1]
    ended = [tokenizer.eos_token_id]
    with torch.no_grad():
        tokens = judge.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            prefix_allowed_tokens_fn=lambda _, ids: nexts.get(tuple(ids[asked:].tolist()), ended),
            max_new_tokens=max(map(len, nexts)) + 1,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    return [int(text) for text in tokenizer.batch_decode(tokens[:, asked:], skip_special_tokens=True)]

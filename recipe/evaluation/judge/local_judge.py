"""A judge without a server: transformers decodes its answers, under the same grammar as vLLM's `structured_outputs`."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.recipe.evaluation.device import device
from iea.reward_fns.chat import RequestRejectedError
from iea.reward_fns.judge import JudgeError
from iea.reward_fns.judge.judge import INTEGER_TOKENS, REASONED_TOKENS, read_score
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages, score_in

INTEGER = "|".join(reversed(SCORES))
"""The form of an answer that is the score alone; REASONED is that of one with a rationale."""

Pair = tuple[str, str]
"""(reference, prediction)"""


class LocalJudge:
    """A judge in this process: no server, the same prompt, grammar and reading of the score as `iea.reward_fns.judge`.

    Decoding is greedy, token by token among the tokens that the grammar allows, as in vLLM at temperature 0 with the same
    library (xgrammar). In a tokenizer such as Qwen3's, where an integer is several tokens, this is not always the most
    probable integer; it is the answer that training gets.

    Parameters
    ----------
    model : folder of a Hugging Face causal language model with its tokenizer
    reasoned : as `decode: reasoned` of JudgeSettings
    batch : pairs per batch
    """

    def __init__(self, model: Path, *, reasoned: bool = False, batch: int = 256) -> None:
        self._model, self._reasoned, self._batch = model, reasoned, batch
        self._said: dict[Pair, str | None] = {}  # by `score`; None: waiting for a batch
        self._turn = asyncio.Lock()

    @cached_property
    def _loaded(self) -> tuple[Any, Any, Any]:
        """The model, its tokenizer and the compiled grammar, loaded by the first pairs."""
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(self._model, padding_side="left")
        judge = AutoModelForCausalLM.from_pretrained(self._model, dtype=torch.float32).to(device()).eval()
        return judge, tokenizer, grammar(tokenizer, judge.config.vocab_size, REASONED if self._reasoned else INTEGER)

    def answers(self, pairs: Sequence[Pair]) -> list[str]:
        """Return the judge's answer to each pair: one of the 21 integers, or a rationale and one of them."""
        judge, tokenizer, allowed = self._loaded
        longest = REASONED_TOKENS if self._reasoned else INTEGER_TOKENS
        prompts = [_prompt(tokenizer, *pair) for pair in pairs]
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))  # little padding per batch
        said = [""] * len(prompts)
        for start in tqdm(range(0, len(order), self._batch), desc="judging", unit="batch", leave=False):
            places = order[start : start + self._batch]
            texts = _decode(judge, tokenizer, allowed, [prompts[i] for i in places], longest)
            for place, text in zip(places, texts, strict=True):
                said[place] = text
        return said

    async def score(self, reference: str, prediction: str) -> float:
        """Return the score of a summary, in [-10, 10]. Calls of one event loop that wait at a time share batches.

        Raises
        ------
        JudgeError : the answer holds no score
        """
        pair = (reference, prediction)
        self._said.setdefault(pair, None)
        async with self._turn:
            if self._said[pair] is None:
                waiting = [one for one, said in self._said.items() if said is None]
                self._said |= zip(waiting, await asyncio.to_thread(self.answers, waiting), strict=True)
        try:
            return read_score(str(self._said[pair]), reasoned=self._reasoned)
        except RequestRejectedError as error:
            raise JudgeError(error.text) from error


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

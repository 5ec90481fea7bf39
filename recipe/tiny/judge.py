"""Build a Qwen3 that learns to judge summaries on two cores: random weights, a tokenizer of whole words.

It has Qwen3's architecture and gets the same messages, so verl trains it and vLLM serves it like Qwen3-0.6B. One thing
differs: its chat template renders the system turn, which is the same in every row, as one token.

Each of the 21 scores is one token, and so is each verdict of the rationale. Other numbers are two tokens, sign and
amount: direction and strength are learned separately, as with words.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iea.editor import TOOLS
from iea.recipe.tiny.judge_rows import NONSENSE, UNASKED, VAGUE, VERDICTS
from iea.recipe.tiny.policy import PAD, TURN_END, replacing_folder, save_tokenizer
from iea.reward_fns.judge.prompt import SCORES

UNKNOWN, SYSTEM = "<|unknown|>", "<|system|>"
SPECIAL_TOKENS = (UNKNOWN, PAD, SYSTEM, TURN_END)
# a word, a score, the amount of a longer number, or one other character, such as a sign
WORD = r"[a-z_']+|-?(?:10|\d)(?!\d)|\d+|[^\sa-z_'\d]"
RATIONALE_TOKENS = (*TOOLS, *VERDICTS, VAGUE, NONSENSE, UNASKED, *":;+-", *map(str, range(15, 101, 5)))
MAX_TOKENS = 2048
ROPE_BASE = 100.0  # Qwen3: 1,000,000, for texts a thousand times as long
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}" + SYSTEM + "{% else %}{{ message['content'] }}" + TURN_END + "{% endif %}"
    "{% endfor %}"
)


@dataclass(frozen=True)
class JudgeSize:
    """Sizes of the model; docs/judge.md has the figures of the defaults.

    vocabulary : largest number of words; the rarest are left out
    head : width of one attention head
    spread : standard deviation of the initial weights; Qwen3's 0.02 suits layers ten times as wide
    """

    vocabulary: int = 1024
    hidden: int = 96
    layers: int = 4
    heads: int = 3
    head: int = 32
    mlp: int = 288
    spread: float = 0.06


def build_tiny_judge(out: Path, texts: Iterator[str], size: JudgeSize | None = None, seed: int = 0) -> int:
    """Write model and tokenizer to `out`, atomically; return the number of parameters.

    Parameters
    ----------
    out : folder to make; an existing one is replaced
    texts : source of the words of the tokenizer
    size : layer sizes
    seed : seed of the random weights
    """
    import torch
    from transformers import Qwen3ForCausalLM

    size = size or JudgeSize()
    with replacing_folder(out) as partial:
        tokenizer = _save_tokenizer(partial, texts, size.vocabulary)
        torch.manual_seed(seed)
        model = Qwen3ForCausalLM(_config(tokenizer, size)).float()
        model.generation_config.eos_token_id = tokenizer.eos_token_id
        model.generation_config.pad_token_id = tokenizer.pad_token_id
        model.save_pretrained(partial)
    return int(model.num_parameters())


def _save_tokenizer(folder: Path, texts: Iterator[str], vocabulary: int) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    plain = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    split = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    counts = Counter(word for text in texts for word, _ in split.pre_tokenize_str(plain.normalize_str(text)))
    common = sorted(counts, key=lambda word: (-counts[word], word))
    known = list(dict.fromkeys([*SPECIAL_TOKENS, *SCORES, *RATIONALE_TOKENS, *common]))[:vocabulary]
    words = Tokenizer(models.WordLevel({word: i for i, word in enumerate(known)}, unk_token=UNKNOWN))
    words.normalizer, words.pre_tokenizer = plain, split
    # spaces between words; without a decoder xgrammar guesses and warns
    words.decoder = decoders.WordPiece(cleanup=False)
    special = {"unk_token": UNKNOWN, "additional_special_tokens": [SYSTEM]}
    return save_tokenizer(folder, words, CHAT_TEMPLATE, **special, model_max_length=MAX_TOKENS)


def _config(tokenizer: Any, size: JudgeSize) -> Any:
    from transformers import Qwen3Config

    config = Qwen3Config(
        vocab_size=len(tokenizer),  # not larger: vLLM masks the ids beyond the tokenizer
        hidden_size=size.hidden,
        intermediate_size=size.mlp,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        head_dim=size.head,
        max_position_embeddings=MAX_TOKENS,
        tie_word_embeddings=False,
        initializer_range=size.spread,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
        bos_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    config.architectures = ["Qwen3ForCausalLM"]
    return config

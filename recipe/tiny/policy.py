"""Build a Qwen2.5-VL that learns on two cores: random weights and a tokenizer trained on the rows.

Nothing is downloaded. Architecture, processor and chat format are those of the released model, so every recipe, verl
and vLLM handle both alike.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SPANS = [f"{span}_{end}" for span in ("object_ref", "box", "quad", "vision") for end in ("start", "end")]
_NAMES = ("endoftext", "im_start", "im_end", *_SPANS, "vision_pad", "image_pad", "video_pad")
SPECIAL_TOKENS = [f"<|{name}|>" for name in _NAMES]  # Qwen2.5-VL's, in its order
PAD, TURN_END = "<|endoftext|>", "<|im_end|>"

# ChatML with one vision span per image, as in Qwen2.5-VL, without the default system turn: 16 tokens fewer per prompt
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' or 'image' in part %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class TinySize:
    """Sizes of the model; the defaults are those of the lane, chosen in docs/experiments.md."""

    vocabulary: int = 1024
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 4
    mlp: int = 384
    vision_hidden: int = 128
    vision_depth: int = 2
    vision_heads: int = 4
    patch_px: int = 28


def build_tiny_model(out: Path, texts: Iterator[str], size: TinySize | None = None, seed: int = 0) -> int:
    """Write model, tokenizer and processor to `out`, atomically; return the number of parameters.

    Parameters
    ----------
    out : folder to make; an existing one is replaced
    texts : training texts of the tokenizer
    size : layer sizes
    seed : seed of the random weights
    """
    import torch
    from transformers import Qwen2_5_VLForConditionalGeneration

    size = size or TinySize()
    with replacing_folder(out) as partial:
        tokenizer = _save_tokenizer(partial, texts, size.vocabulary)
        _save_processor(partial, tokenizer, size)
        torch.manual_seed(seed)
        model = Qwen2_5_VLForConditionalGeneration(_config(tokenizer, size)).float()
        model.generation_config.eos_token_id = [tokenizer.eos_token_id, tokenizer.pad_token_id]
        model.generation_config.pad_token_id = tokenizer.pad_token_id
        model.save_pretrained(partial)
    return int(model.num_parameters())


@contextmanager
def replacing_folder(out: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces `out` unless an error occurs."""
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    shutil.rmtree(out, ignore_errors=True)
    partial.rename(out)


def save_tokenizer(folder: Path, tokenizer: Any, template: str, **settings: Any) -> Any:
    """Save a tokenizer with a chat template, and return it as transformers loads it."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=TURN_END, **settings)
    made.chat_template = template
    made.save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def _save_tokenizer(folder: Path, texts: Iterator[str], vocabulary: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    bpe = Tokenizer(models.BPE())
    # a number is one token beside its sign, unlike Qwen's digits: an answer has half as many tokens
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([*texts, *["system\n", "user\n", "assistant\n"] * 100], trainer)
    bpe.add_special_tokens(SPECIAL_TOKENS)
    others = [token for token in SPECIAL_TOKENS if token not in (PAD, TURN_END)]
    return save_tokenizer(folder, bpe, CHAT_TEMPLATE, additional_special_tokens=others, model_max_length=4096)


def _save_processor(folder: Path, tokenizer: Any, size: TinySize) -> None:
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor
    from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor

    shape = {
        "min_pixels": (2 * size.patch_px) ** 2,
        "max_pixels": 512 * 512,
        "patch_size": size.patch_px,
        "merge_size": 2,
        "temporal_patch_size": 2,
    }
    Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**shape),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**shape),
        chat_template=CHAT_TEMPLATE,
    ).save_pretrained(folder)


def _config(tokenizer: Any, size: TinySize) -> Any:
    from transformers import Qwen2_5_VLConfig

    id_of = tokenizer.convert_tokens_to_ids
    half = size.hidden // size.heads // 2  # rotary pairs, divided over time, height and width
    height = width = half * 3 // 8
    config = Qwen2_5_VLConfig(
        text_config={
            # exactly the tokenizer's size: vLLM masks the ids beyond it and the actor does not, so that padding would
            # shift every log-probability by ln(V / len(tokenizer))
            "vocab_size": len(tokenizer),
            "hidden_size": size.hidden,
            "intermediate_size": size.mlp,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.kv_heads,
            "max_position_embeddings": 2048,
            "tie_word_embeddings": False,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [half - height - width, height, width],
                "rope_theta": 10000.0,
            },
            "bos_token_id": tokenizer.pad_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "depth": size.vision_depth,
            "hidden_size": size.vision_hidden,
            "intermediate_size": 2 * size.vision_hidden,
            "num_heads": size.vision_heads,
            "patch_size": size.patch_px,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "window_size": 8 * size.patch_px,
            "out_hidden_size": size.hidden,
            "fullatt_block_indexes": list(range(size.vision_depth)),
            "tokens_per_second": 2,
        },
        image_token_id=id_of("<|image_pad|>"),
        video_token_id=id_of("<|video_pad|>"),
        vision_start_token_id=id_of("<|vision_start|>"),
        vision_end_token_id=id_of("<|vision_end|>"),
        tie_word_embeddings=False,
    )
    config.architectures = ["Qwen2_5_VLForConditionalGeneration"]
    return config


def message_texts(parquet: Path) -> Iterator[str]:
    """Yield every message of an SFT file, without its image placeholders."""
    from iea.data_prep.runner import read_rows
    from iea.data_prep.schema import MESSAGES_COLUMN

    for row in read_rows(parquet, MESSAGES_COLUMN):
        for message in row["messages"]:
            yield message["content"].replace("<image>", "")

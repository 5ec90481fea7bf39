"""Greedy answers of a trained policy."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from iea.recipe.evaluation.systems.system import Settings, System
from iea.reward_fns.prompts import IMAGE

GREY = 128


def generate(rows: pd.DataFrame, settings: Settings, *, grey: bool = False) -> list[str]:
    """Generate the answers of a policy greedily.

    Parameters
    ----------
    rows : rows of a verl RL parquet
    settings : `model`, `batch_size` and `max_new_tokens` are read
    grey : show the policy a flat mid-grey in place of every photograph

    Raises
    ------
    ValueError : `settings.model` is None
    """
    if settings.model is None:
        raise ValueError(
            "model must be the Hugging Face folder of a policy, got None; pass one, or choose another system"
        )
    return list(_generated(settings.model, rows, settings, grey))


def _generated(model: Path, rows: pd.DataFrame, settings: Settings, grey: bool) -> Iterator[str]:
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    torch.set_num_threads(os.cpu_count() or 1)
    processor = AutoProcessor.from_pretrained(model)
    processor.tokenizer.padding_side = "left"
    policy = Qwen2_5_VLForConditionalGeneration.from_pretrained(model, dtype=torch.float32).eval()
    for start in tqdm(range(0, len(rows), settings.batch_size), desc=f"evaluating {model.name}", leave=False):
        part = rows.iloc[start : start + settings.batch_size]
        texts = [_chat(processor, prompt) for prompt in part.prompt]
        images = [[_image(image, grey) for image in images] for images in part.images]
        inputs = processor(text=texts, images=images, padding=True, return_tensors="pt")
        with torch.no_grad():
            tokens = policy.generate(**inputs, max_new_tokens=settings.max_new_tokens, do_sample=False)
        yield from processor.batch_decode(tokens[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)


def _chat(processor: Any, prompt: list[dict[str, str]]) -> str:
    turns = [{"role": turn["role"], "content": _parts(turn["content"])} for turn in prompt]
    return str(processor.apply_chat_template(turns, add_generation_prompt=True))


def _parts(content: str) -> str | list[dict[str, str]]:
    """Split a message with images into the parts that a processor expects; a text alone is unchanged."""
    count = content.count(IMAGE)
    text = without_placeholder(content)
    return [{"type": "image"}] * count + [{"type": "text", "text": text}] if count else text


def without_placeholder(content: str) -> str:
    """Remove the image placeholders from a message."""
    return content.replace(IMAGE, "")


def _image(image: Mapping[str, Any], grey: bool) -> Any:
    from PIL import Image
    from qwen_vl_utils import fetch_image  # used by verl's dataset too: the pixels are those of training

    fetched = fetch_image(dict(image))
    return Image.new("RGB", fetched.size, (GREY,) * 3) if grey else fetched


SYSTEM = System("checkpoint", generate)

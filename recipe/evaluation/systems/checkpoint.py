"""Greedy answers of a trained policy."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from tqdm import tqdm

from iea.recipe.evaluation.device import device
from iea.recipe.evaluation.systems.system import Session, Settings, for_editor, session_system
from iea.reward_fns.prompts import IMAGE

GRAY = (128, 128, 128)


def generate(rows: pd.DataFrame, settings: Settings, *, gray: bool = False) -> list[str]:
    """Generate the answers of a policy greedily; parameters and errors as of `start`, and

    ValueError : the rows have no images of this project's form
    """
    return start(settings, gray=gray)(rows)


def start(settings: Settings, *, gray: bool = False) -> Callable[[pd.DataFrame], list[str]]:
    """Load a policy, and return the function that generates its answers.

    Parameters
    ----------
    settings : `model`, `batch_size` and `max_new_tokens` are read
    gray : show the policy flat mid-gray in place of every photograph

    Raises
    ------
    ValueError : `settings.model` is None
    """
    if settings.model is None:
        raise ValueError("a policy must be the Hugging Face folder of a model, such as checkpoint=FOLDER, got none")
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    torch.set_num_threads(os.cpu_count() or 1)
    processor = AutoProcessor.from_pretrained(settings.model)
    processor.tokenizer.padding_side = "left"
    policy = Qwen2_5_VLForConditionalGeneration.from_pretrained(settings.model, dtype=torch.float32).to(device()).eval()
    return partial(_answers, policy, processor, settings, gray)


def _answers(policy: Any, processor: Any, settings: Settings, gray: bool, rows: pd.DataFrame) -> list[str]:
    import torch

    texts, images = prompts(processor, rows)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))  # little padding, answers of similar length
    answers = [""] * len(texts)
    for first in tqdm(range(0, len(order), settings.batch_size), desc="generating", unit="batch", leave=False):
        places = order[first : first + settings.batch_size]
        shown = [[read_shown(image, gray) for image in images[place]] for place in places]
        inputs = processor(text=[texts[place] for place in places], images=shown, padding=True, return_tensors="pt")
        with torch.no_grad():  # a batch ends when each of its answers has
            tokens = policy.generate(
                **inputs.to(policy.device), max_new_tokens=settings.max_new_tokens, do_sample=False
            )
        said = processor.batch_decode(tokens[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)
        for place, answer in zip(places, said, strict=True):
            answers[place] = answer
    return answers


def prompts(processor: Any, rows: pd.DataFrame) -> tuple[list[str], list[list[Mapping[str, Any]]]]:
    """Return the text of every row in the chat form of a policy, and its images, as `read_shown` takes them.

    Raises
    ------
    ValueError : the rows have no images of this project's form
    """
    images: Any = rows.get("images", [])
    if len(images) < len(rows) or not all("image" in image for some in images for image in some):
        raise ValueError("the rows of a policy must have the column 'images' of `iea data mix`; mix the rows again")
    return [_chat(processor, prompt) for prompt in rows.prompt], [list(some) for some in images]


def _chat(processor: Any, prompt: list[dict[str, str]]) -> str:
    turns = [{"role": turn["role"], "content": _parts(turn["content"])} for turn in prompt]
    return str(processor.apply_chat_template(turns, add_generation_prompt=True))


def _parts(content: str) -> str | list[dict[str, str]]:
    """Split a message with images into the parts that a processor expects; a text alone is unchanged."""
    images = [{"type": "image"}] * content.count(IMAGE)
    return [*images, {"type": "text", "text": content.replace(IMAGE, "")}] if images else content


def read_shown(image: Mapping[str, Any], gray: bool = False) -> Any:
    """Return an image as the policy sees it, a PIL image; `gray`: flat mid-gray of its size."""
    from PIL import Image
    from qwen_vl_utils import fetch_image  # used by verl's dataset too: the pixels are those of training

    fetched = fetch_image(dict(image))
    return Image.new("RGB", fetched.size, GRAY) if gray else fetched


def _session(settings: Settings) -> Session:
    return for_editor(settings.editor, start(settings))


SYSTEM = session_system("checkpoint", _session, value="model")

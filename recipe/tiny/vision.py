"""Pretrain the vision tower of the tiny model on color statistics, before SFT and without labels.

The released model has a pretrained vision tower. The tiny model starts from random weights, and the few thousand noisy
programs of SFT do not teach it to recognize an over-exposed image. Pretraining target: from the image tokens for the
language model, a linear head predicts the mean and the standard deviation of each color channel, of the area of the
token and of the whole image. The head is discarded afterwards.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

STEPS = 200
BATCH_SIZE = 48  # images per step
MAX_IMAGES = 2000  # read from the SFT rows
LEARNING_RATE = 2e-3
GAIN = (0.4, 1.2)  # range of the random factor on an image's values
OFFSET = (-0.7, 0.7)  # range of the random offset, in the processor's units
_CHANNELS = 3


def pretrain_vision(model: Path, images: Sequence[Any], *, steps: int = STEPS, seed: int = 0) -> float:
    """Train the vision tower of the model in folder `model`, in place.

    Parameters
    ----------
    model : folder of a Qwen2.5-VL with its processor
    images : RGB images of one size
    steps : AdamW steps, at least 1; the learning rate falls linearly to 0
    seed : seed of the heads, the batches and their augmentation

    Returns
    -------
    mean squared error over the last tenth of the steps, summed over area and whole image, in the processor's units (1 is
    about a quarter of the range from black to white)

    Raises
    ------
    ValueError : the images differ in size, or `steps` is below 1
    """
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}; skip the call to leave the vision tower as it is")
    torch.manual_seed(seed)
    whole = Qwen2_5_VLForConditionalGeneration.from_pretrained(model, dtype=torch.float32)
    tower = whole.model.visual
    patches, grid = _patches(AutoProcessor.from_pretrained(model).image_processor, images)
    size = tower.config.out_hidden_size
    heads = torch.nn.ModuleList(torch.nn.Linear(size, 2 * _CHANNELS) for _ in range(2))
    weights = [*tower.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    losses = []
    for batch in tqdm(_batches(patches, steps, seed), total=steps, desc="vision tower", unit="step"):
        loss = _loss(tower, heads, batch, grid)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    whole.save_pretrained(model)
    return float(np.mean(losses[-max(1, steps // 10) :]))


def _patches(processor: Any, images: Sequence[Any]) -> tuple[Any, Any]:
    """Return ((N, patches, values) in the processor's units, the patch grid of one image)."""
    encoded = processor(images=list(images), return_tensors="pt")
    grids = encoded["image_grid_thw"]
    if not bool((grids == grids[0]).all()):
        raise ValueError("the images must have one size, got several; take them from one data set")
    return encoded["pixel_values"].reshape(len(grids), -1, encoded["pixel_values"].shape[-1]), grids[:1]


def _batches(patches: Any, steps: int, seed: int) -> Iterator[Any]:
    """Yield random images with random brightness and contrast, so that few photographs cover all levels."""
    import torch

    random = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = patches[torch.randint(len(patches), (BATCH_SIZE,), generator=random)]
        gain = torch.empty(BATCH_SIZE, 1, 1).uniform_(*GAIN, generator=random)
        offset = torch.empty(BATCH_SIZE, 1, 1).uniform_(*OFFSET, generator=random)
        yield chosen * gain + offset


def _loss(tower: Any, heads: Any, batch: Any, grid: Any) -> Any:
    """Sum the squared errors of each token on its area and of the mean token on the whole image."""
    import torch

    count, _, values = batch.shape
    tokens = tower(batch.reshape(-1, values), grid_thw=grid.expand(count, -1)).pooler_output
    tokens = torch.nn.functional.rms_norm(tokens, tokens.shape[-1:]).reshape(count, -1, tokens.shape[-1])
    areas = batch.reshape(count, tokens.shape[1], -1, _CHANNELS, values // _CHANNELS).transpose(2, 3).flatten(3)
    local = torch.cat([areas.mean(-1), areas.std(-1)], dim=-1)
    pixels = areas.transpose(1, 2).flatten(2)
    overall = torch.cat([pixels.mean(-1), pixels.std(-1)], dim=-1)
    local_head, global_head = heads
    local_error = (local_head(tokens) - local).square().mean()
    return local_error + (global_head(tokens.mean(1)) - overall).square().mean()


def read_images(rows: Path, count: int = MAX_IMAGES) -> list[Any]:
    """Read the originals of the first `count` rows of an SFT parquet, resized as verl resizes them."""
    from qwen_vl_utils import fetch_image

    from iea.data_prep.runner import read_rows
    from iea.data_prep.schema import IMAGES_COLUMN

    return [fetch_image(row["images"][0]) for row in read_rows(rows, IMAGES_COLUMN)[:count]]

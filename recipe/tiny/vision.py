"""A first lesson for the tiny model's eye: say how bright, colourful and contrasty a picture is, here and as a whole.

The real model comes with an eye that has seen a great deal. Ours has random weights, and the few thousand noisy
programs of SFT do not teach it what an over-exposed picture looks like. So it learns before SFT what a picture's
pixels tell about themselves, without any label: from the tokens that the language model is going to read, a linear
read-out must give the mean and the spread of each colour channel, of the token's own area and of the whole picture.
The read-out is thrown away.

    python -m iea.recipe.tiny.vision --model work/tiny_model --rows work/data/stage1/train.parquet
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from tqdm import tqdm

STEPS = 200
BATCH = 48  # pictures a step
PICTURES = 2000  # read from the SFT rows
LEARNING_RATE = 2e-3
GAIN = (0.4, 1.2)  # range of what a picture's values are multiplied by
OFFSET = (-0.7, 0.7)  # range of what is added to them, in the processor's units
_CHANNELS = 3


def open_eye(model: Path, images: Sequence[Any], *, steps: int = STEPS, seed: int = 0) -> float:
    """Train the vision tower of the model in folder `model`, in place.

    Parameters
    ----------
    model : folder of a Qwen2.5-VL with its processor
    images : RGB pictures of one size
    steps : of AdamW, at least 1, its rate falling linearly to 0
    seed : of the read-out's weights and the order of the pictures

    Returns
    -------
    mean squared error over the last tenth of the steps, in the processor's units (1 is about a quarter of the
    way from black to white), of an area and of the whole together

    Raises
    ------
    ValueError : the pictures differ in size, or there are no steps
    """
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}; leave the eye alone by not calling this")
    torch.manual_seed(seed)
    whole = Qwen2_5_VLForConditionalGeneration.from_pretrained(model, dtype=torch.float32)
    eye = whole.model.visual
    patches, grid = _patches(AutoProcessor.from_pretrained(model).image_processor, images)
    size = eye.config.out_hidden_size
    readouts = torch.nn.ModuleList(torch.nn.Linear(size, 2 * _CHANNELS) for _ in range(2))
    weights = [*eye.parameters(), *readouts.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    losses = []
    for batch in tqdm(_batches(patches, steps, seed), total=steps, desc="eye", unit="step"):
        loss = _loss(eye, readouts, batch, grid)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    whole.save_pretrained(model)
    return float(np.mean(losses[-max(1, steps // 10) :]))


def _patches(processor: Any, images: Sequence[Any]) -> tuple[Any, Any]:
    """((N, patches, values) in the processor's units, the grid of one picture)."""
    encoded = processor(images=list(images), return_tensors="pt")
    grids = encoded["image_grid_thw"]
    if not bool((grids == grids[0]).all()):
        raise ValueError("the pictures must have one size, got several; take them from one data set")
    return encoded["pixel_values"].reshape(len(grids), -1, encoded["pixel_values"].shape[-1]), grids[:1]


def _batches(patches: Any, steps: int, seed: int) -> Iterator[Any]:
    """Random pictures, lighter or darker, flatter or harder than they are, so that few photographs show all levels."""
    import torch

    random = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = patches[torch.randint(len(patches), (BATCH,), generator=random)]
        gain = torch.empty(BATCH, 1, 1).uniform_(*GAIN, generator=random)
        offset = torch.empty(BATCH, 1, 1).uniform_(*OFFSET, generator=random)
        yield chosen * gain + offset


def _loss(eye: Any, readouts: Any, batch: Any, grid: Any) -> Any:
    """Mean squared error of what the tokens tell of their areas and, on average, of the whole."""
    import torch

    count, _, values = batch.shape
    tokens = eye(batch.reshape(-1, values), grid_thw=grid.expand(count, -1)).pooler_output
    tokens = torch.nn.functional.rms_norm(tokens, tokens.shape[-1:]).reshape(count, -1, tokens.shape[-1])
    areas = (
        batch.reshape(count, tokens.shape[1], -1, _CHANNELS, values // _CHANNELS).transpose(2, 3).flatten(3)
    )
    here = torch.cat([areas.mean(-1), areas.std(-1)], dim=-1)
    pixels = areas.transpose(1, 2).flatten(2)
    overall = torch.cat([pixels.mean(-1), pixels.std(-1)], dim=-1)
    own, shared = readouts
    return (own(tokens) - here).square().mean() + (shared(tokens.mean(1)) - overall).square().mean()


def pictures(rows: Path, count: int = PICTURES) -> list[Any]:
    """The originals of the first `count` rows of an SFT parquet, sized as verl sizes them."""
    import pandas as pd
    from qwen_vl_utils import fetch_image

    return [
        fetch_image(dict(images[0])) for images in pd.read_parquet(rows, columns=["images"]).images[:count]
    ]


def main(
    model: Annotated[Path, typer.Option(help="folder of the tiny model, changed in place")],
    rows: Annotated[Path, typer.Option(help="SFT parquet whose pictures it looks at")],
    steps: Annotated[int, typer.Option(help="training steps")] = STEPS,
    seed: Annotated[int, typer.Option(help="of the order of the pictures")] = 0,
) -> None:
    """Teach the tiny model's eye what pixels tell."""
    print(f"{model}: mean squared error {open_eye(model, pictures(rows), steps=steps, seed=seed):.4f}")


if __name__ == "__main__":
    typer.run(main)

"""Pretrain the tiny model on pairs of procedural images edited by random programs, so that it can see an edit.

The released model was pretrained; the tiny one starts from random weights, and a few photographs do not teach it to see. After the
short prompt of Image-Summary it learns to answer with the program, which that task never does: the form of each answer is left to
the stages. From the last token of the prompt, linear heads also predict the program, the statistics of the first image, and their
change; they are discarded afterwards. Without this step the policy names edits at random: docs/experiments.md.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import Linear, Module, ModuleDict, functional
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pad_sequence
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from iea.editor import TOOLS
from iea.editor.io import replacing
from iea.recipe.tiny.image_statistics import image_statistics
from iea.recipe.tiny.muon import MuonAdamW
from iea.recipe.tiny.procedural_pairs import SIDE, Pairs
from iea.reward_fns.example import Example
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.tasks import task_named

BATCH_SIZE = 48  # pairs per step
RATES: dict[str, Any] = {"lr": 3e-3, "weight_decay": 0.1, "betas": (0.9, 0.99), "muon_lr": 0.02}
WARM_UP = 30  # steps; then a cosine down to LAST_RATE of the rate
LAST_RATE = 0.05
PROGRAM_WEIGHT = 4.0  # of the program's error beside that of the statistics
FARTHEST = 4.0  # standard deviations of a statistic that count
STANDARDIZED = 512  # pairs that give the means and deviations
SAVE_EVERY = 100  # steps
IGNORED = -100  # torch's label of a token without a loss


def pretrain(model: Path, pairs: Pairs, *, steps: int, seed: int = 0) -> float:
    """Train a Qwen2.5-VL in a folder, in place. An interrupted call continues from its last multiple of SAVE_EVERY steps.

    Returns
    -------
    mean loss of the texts over the last tenth of the steps, nats per token

    Raises
    ------
    ValueError : `steps` is below 1
    """
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}; skip the call to leave the model as it is")
    torch.manual_seed(seed)
    policy = Qwen2_5_VLForConditionalGeneration.from_pretrained(model, dtype=torch.float32).train()
    lesson = _Lesson(policy, AutoProcessor.from_pretrained(model), pairs)
    optimizer = MuonAdamW(lesson.named_parameters(), **RATES)
    schedule = LambdaLR(optimizer, lambda step: _rate(step, steps))
    losses: list[float] = []
    parts, saved = (lesson, optimizer, schedule), model / "pretraining.pt"
    if saved.exists():
        losses, *contents = torch.load(saved)
        for part, content in zip(parts, contents, strict=True):
            part.load_state_dict(content)
    for step in tqdm(range(len(losses), steps), initial=len(losses), total=steps, desc="pretraining", unit="step"):
        text_loss, loss = lesson(np.random.default_rng((seed, step)).integers(len(pairs.images), size=BATCH_SIZE))
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(lesson.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(text_loss)
        if len(losses) % SAVE_EVERY == 0:
            with replacing(saved) as partial:
                torch.save([losses, *(part.state_dict() for part in parts)], partial)
    policy.save_pretrained(model)
    saved.unlink(missing_ok=True)
    return float(np.mean(losses[-max(1, steps // 10) :]))


def _rate(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step."""
    cosine = 0.5 * (1 + float(np.cos(np.pi * step / steps)))
    return min(1.0, (step + 1) / WARM_UP) * (LAST_RATE + (1 - LAST_RATE) * cosine)


class _Lesson(Module):  # type: ignore[misc]  # torch is untyped here
    """A policy with the heads of pretraining: numbers of pairs -> their losses."""

    def __init__(self, policy: Any, processor: Any, pairs: Pairs) -> None:
        super().__init__()
        self.policy, self.pairs, self.resize = policy, pairs, processor.image_processor
        self.prompt, self.positions, self.grid = _prompt(policy.model, processor)
        self.texts = _answers(processor.tokenizer, pairs.answers)
        measured = _measured(torch.from_numpy(pairs.images[:STANDARDIZED]))
        self.mean, self.deviation = measured.mean(0), measured.std(0) + 1e-4
        width = policy.config.text_config.hidden_size
        # by this name MuonAdamW leaves them to AdamW
        self.lm_head = ModuleDict({"program": Linear(width, len(TOOLS)), "statistics": Linear(width, len(self.mean))})

    def forward(self, chosen: NDArray[np.int64]) -> tuple[float, Any]:
        """Return the loss of the texts, and the whole loss."""
        images, texts = torch.from_numpy(self.pairs.images[chosen]), self.texts[chosen]
        states = self._states(images, texts.clamp(min=0))
        logits = self.policy.lm_head(states[:, :-1])
        text_loss = functional.cross_entropy(logits.flatten(0, 1), texts.flatten(), ignore_index=IGNORED)
        program, statistics = (head(states[:, 0]) for head in self.lm_head.values())
        error = (program - torch.from_numpy(self.pairs.programs[chosen])).square().mean()
        wanted = ((_measured(images) - self.mean) / self.deviation).clamp(-FARTHEST, FARTHEST)
        return text_loss.item(), text_loss + PROGRAM_WEIGHT * error + functional.smooth_l1_loss(statistics, wanted)

    def _states(self, images: Any, texts: Any) -> Any:
        """Return the states of the last token of the prompt and of all tokens of the texts, (N, 1 + tokens, width)."""
        count, length = texts.shape
        pixels = self.resize(images=list(images.flatten(0, 1).permute(0, 3, 1, 2)), return_tensors="pt")
        after = self.positions[..., -1:] + torch.arange(1, length + 1)
        states = self.policy.model(
            input_ids=torch.cat([self.prompt.expand(count, -1), texts], dim=1),
            position_ids=torch.cat([self.positions, after], dim=-1).expand(-1, count, -1),
            pixel_values=pixels["pixel_values"],
            image_grid_thw=self.grid.repeat(count, 1),
        )
        return states.last_hidden_state[:, -length - 1 :]


def _prompt(model: Any, processor: Any) -> tuple[Any, Any, Any]:
    """Return the tokens of the prompt with two images, their positions, and the grid of the images' patches."""
    (turn,) = task_named("summary").messages(Example("summary"), "short")
    parts = [{"type": "image"}, {"type": "image"}, {"type": "text", "text": turn["content"].replace(IMAGE, "")}]
    text = processor.apply_chat_template([{"role": "user", "content": parts}], add_generation_prompt=True)
    encoded = processor(text=[text], images=list(np.zeros((2, SIDE, SIDE, 3), np.uint8)), return_tensors="pt")
    ids, grid = encoded["input_ids"], encoded["image_grid_thw"]
    return ids, model.get_rope_index(ids, encoded["mm_token_type_ids"], grid)[0], grid


def _answers(tokenizer: Any, texts: Sequence[str]) -> Any:
    """Return the tokens of the texts with their ends, (N, longest), IGNORED after them."""
    ids = [torch.tensor([*tokenizer(text)["input_ids"], tokenizer.eos_token_id]) for text in texts]
    return pad_sequence(ids, batch_first=True, padding_value=IGNORED)


def _measured(images: Any) -> Any:
    """Return the statistics of the first images of pairs, and their changes."""
    before, after = (image_statistics(images[:, place]) for place in (0, 1))
    return torch.cat([before, after - before], dim=1)

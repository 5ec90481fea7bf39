"""Plan a run on GPUs: rows, steps, tokens, memory and disk of every stage, and the limits that it breaks.

Nothing is loaded but the rows' metadata and, where the model's folder is here, its processor for the lengths of some rows.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from omegaconf import DictConfig

from iea.editor.markdown import markdown_table
from iea.recipe.guard.inputs import steps_of
from iea.recipe.memory import QWEN3_06B, QWEN25_VL_7B, Estimate, ModelSize, estimate
from iea.recipe.model_files import FolderError, refuse_bad_model
from iea.recipe.pipeline.run import Run
from iea.recipe.pipeline.run_trainer import is_finished
from iea.recipe.pipeline.stage import GRPO, JUDGE, STAGE1, Stage
from iea.reward_fns.prompts import IMAGE

PAPER_ROWS: Mapping[str, int] = {"stage1": 29_346, "stage2": 29_346, "stage3": 202_000, "judge": 140_000}
"""Rows of the paper's stages, for a plan before rows are made."""
SAMPLE = 32  # rows whose tokens are counted
LOGS_GIB = 0.2  # console output, metrics and hydra's files of a stage


@dataclass(frozen=True)
class StagePlan:
    """Needs of a stage.

    tokens : that pass through the model in all epochs; for GRPO prompts and answers of all rollouts
    exact : whether the tokens are those of sampled rows; else an upper bound
    gpus : of the trainer and of a served judge
    disk : GiB, more than there is already
    """

    stage: Stage
    rows: int
    made: bool
    steps: int
    epochs: int
    tokens: float
    exact: bool
    gpus: int
    memory: Estimate
    disk: float


@dataclass(frozen=True)
class Plan:
    """The stages of a run, the memory of a GPU and the free space of the disk, GiB."""

    stages: Sequence[StagePlan]
    gpu_gib: float
    free: float

    def __str__(self) -> str:
        counts = [
            (
                *(one.stage.name, f"{one.rows:,}{'' if one.made else ' (paper)'}", f"{one.steps:,}", one.epochs),
                *(f"{'' if one.exact else 'at most '}{one.tokens / 1e6:,.0f} M", one.gpus, f"{one.disk:.0f}"),
            )
            for one in self.stages
        ]
        memory = [
            (
                *(one.stage.name, *(f"{value:.1f}" for value in _on_gpu(one.memory)), f"{one.memory.peak:.1f}"),
                f"{one.memory.host_node + one.memory.host_images:.0f}",
            )
            for one in self.stages
        ]
        needed = sum(one.disk for one in self.stages)
        room = f"A GPU has {self.gpu_gib:.0f} GiB. The disk has {self.free:.0f} GiB free, {needed:.0f} are needed."
        heads = ("stage", "state", "gathered", "activations", "logits", "vLLM", "peak of a GPU", "host, per node")
        return "\n\n".join(
            [
                markdown_table(("stage", "rows", "steps", "epochs", "tokens", "GPUs", "disk, GiB"), counts),
                "Memory, GiB (vLLM generates between the updates, beside the state):",
                markdown_table(heads, memory),
                room,
            ]
        )

    def refuse_what_cannot_fit(self) -> None:
        """Raise ValueError if a GPU's memory or the disk is too small."""
        for one in self.stages:
            if one.memory.peak > self.gpu_gib:
                raise ValueError(
                    f"{one.stage.name} must fit into the {self.gpu_gib:.0f} GiB of a GPU, got {one.memory.peak:.1f} GiB; use more "
                    f"GPUs with --set trainer.n_gpus_per_node=8, smaller micro-batches with --set {one.stage.name}:"
                    f"{'actor_rollout_ref.actor.ppo_' if one.stage.trainer is GRPO else 'data.'}max_token_len_per_gpu=4096, or larger "
                    "GPUs with --gpu-gib"
                )
        if (needed := sum(one.disk for one in self.stages)) > self.free:
            raise ValueError(
                f"the disk of --home must have {needed:.0f} GiB free for checkpoints, got {self.free:.0f}; free some, choose another "
                "--home, or keep fewer with --set trainer.max_ckpt_to_keep=1 or trainer.max_actor_ckpt_to_keep=1"
            )


def plan(run: Run, stages: Sequence[Stage], gpu_gib: float) -> Plan:
    """Plan the stages, and the judge's training before them where it is needed.

    Raises
    ------
    ValueError : a setting does not fit its recipe, or the GPUs cannot be divided
    """
    own = [] if run.judge or not run.judged or is_finished(run.folder(JUDGE), None) else [JUDGE]
    there = next(path for path in (run.home, *run.home.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    return Plan([_planned(run, stage, gpu_gib) for stage in (*own, *stages)], gpu_gib, free)


def _planned(run: Run, stage: Stage, gpu_gib: float) -> StagePlan:
    config = run.config(stage)
    rows = run.rows(stage)
    count = rows if rows is not None else PAPER_ROWS[stage.rows]
    steps = steps_of(config, count) or 0
    folder = Path(str(config.iea.model))
    size = ModelSize.read(folder) if folder.is_dir() else QWEN3_06B if stage is JUDGE else QWEN25_VL_7B
    memory = estimate(config, size, gpu_gib=gpu_gib)
    sampled = _sampled_tokens(run, stage) if rows is not None else None
    per_row = sampled if sampled is not None else _longest(config)
    if stage.trainer is GRPO:
        rollout = config.actor_rollout_ref.rollout
        per_row = (per_row + (config.data.max_response_length if sampled is not None else 0)) * rollout.n
    pooled = stage.trainer is GRPO and config.reward.reward_model.enable
    return StagePlan(
        stage=stage,
        rows=count,
        made=rows is not None,
        steps=steps,
        epochs=config.trainer.total_epochs,
        tokens=steps * config.data.train_batch_size * per_row,
        exact=sampled is not None and stage.trainer is not GRPO,
        gpus=config.trainer.n_gpus_per_node * config.trainer.nnodes + (1 if pooled else 0),
        memory=memory,
        disk=0.0 if is_finished(run.folder(stage), run.asked_steps(stage)) else _disk(config, memory, steps),
    )


def _disk(config: DictConfig, memory: Estimate, steps: int) -> float:
    """Return the largest disk that the checkpoints take, GiB: those kept, and with one kept also the one being written."""
    trainer = config.trainer
    kept = trainer.max_actor_ckpt_to_keep if "actor_rollout_ref" in config else trainer.max_ckpt_to_keep
    saved = 1 if trainer.save_freq == -1 else -(-steps // int(trainer.save_freq))
    return min(max(kept, 2) if kept else saved, max(saved, 1)) * memory.checkpoint + LOGS_GIB


def _longest(config: DictConfig) -> int:
    if "actor_rollout_ref" in config:
        return int(config.data.max_prompt_length + config.data.max_response_length)
    return int(config.data.max_length)


def _on_gpu(memory: Estimate) -> tuple[float, ...]:
    return memory.state, memory.gathered, memory.activations, memory.logits, memory.rollout


def _sampled_tokens(run: Run, stage: Stage) -> float | None:
    """Return the mean tokens of a row's messages by the processor of a model that is here; None where there is none."""
    for name in (run.config(stage).iea.model, run.config(JUDGE if stage is JUDGE else STAGE1).iea.model):
        try:
            refuse_bad_model(Path(str(name)))
        except FolderError:
            continue
        table = next(pq.ParquetFile(run.data / stage.rows / "train.parquet").iter_batches(SAMPLE))
        return _mean_tokens(Path(str(name)), table.to_pylist(), images=stage is not JUDGE)
    return None


def _mean_tokens(model: Path, rows: Sequence[Mapping[str, Any]], *, images: bool) -> float:
    from transformers import AutoProcessor, AutoTokenizer

    encoder = (AutoProcessor if images else AutoTokenizer).from_pretrained(model)
    lengths = []
    for row in rows:
        turns = [
            {"role": turn["role"], "content": _parts(turn["content"]) if images else turn["content"]}
            for turn in row.get("messages") or row["prompt"]
        ]
        text = encoder.apply_chat_template(turns, tokenize=False, add_generation_prompt="prompt" in row)
        shown = {"images": [_fetched(image) for image in row["images"]]} if images else {}
        lengths.append(len(encoder(text=[text], **shown)["input_ids"][0]))
    return sum(lengths) / len(lengths)


def _parts(content: str) -> list[dict[str, str]]:
    pictures = [{"type": "image"}] * content.count(IMAGE)
    return [*pictures, {"type": "text", "text": content.replace(IMAGE, "")}]


def _fetched(image: Mapping[str, Any]) -> Any:
    from qwen_vl_utils import fetch_image

    return fetch_image(dict(image))

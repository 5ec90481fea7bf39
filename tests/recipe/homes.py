"""Write what the guard looks at: models, checkpoints and rows, as small as they can be; run the guard on a recipe."""

import json
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from iea.recipe.config import compose_recipe
from iea.recipe.guard import JobGuard

TRAINERS = {
    "iea": "ppo_trainer",
    "iea_cpu": "ppo_trainer",
    "iea_sft": "sft_trainer_engine",
    "iea_sft_cpu": "sft_trainer_engine",
    "iea_stage3": "sft_trainer_engine",
    "iea_stage3_cpu": "sft_trainer_engine",
    "iea_judge": "sft_trainer_engine",
    "iea_judge_cpu": "sft_trainer_engine",
}
"""Recipe -> verl's primary configuration."""


def write_model(folder: Path, content: bytes = b"\0" * 64) -> Path:
    """Write a folder with the files of a model: its settings, and weights in a whole safetensors file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"model_type": "qwen2_5_vl", "vision_config": {}}')
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + content)
    return folder


def write_checkpoint(step: Path, inner: str = "", world: int = 1) -> Path:
    """Write a step's folder as verl's trainers do: shards in torch's form, and the model of Hugging Face."""
    folder = step / inner if inner else step
    write_model(folder / "huggingface")
    for rank in range(world):
        for kind in ("model", "optim", "extra_state"):
            with zipfile.ZipFile(folder / f"{kind}_world_size_{world}_rank_{rank}.pt", "w") as archive:
                archive.writestr("data.pkl", b"x" * 100)
    (step.parent / "latest_checkpointed_iteration.txt").write_text(step.name.rpartition("_")[2])
    return step


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def rl_row(image: Path, source: str = "iea/edit") -> dict[str, Any]:
    return {
        "data_source": source,
        "prompt": [{"role": "user", "content": "<image>warmer"}],
        "images": [{"image": str(image), "max_pixels": 784}],
        "reward_model": {"style": "rule", "ground_truth": "{}"},
        "extra_info": {"index": 0, "original": str(image), "reference": str(image)},
    }


def sft_row(image: Path) -> dict[str, Any]:
    turns = [{"role": "user", "content": "<image>warmer"}, {"role": "assistant", "content": "{}"}]
    return {"messages": turns, "images": [{"image": str(image), "max_pixels": 784}]}


def judged_row(image: Path) -> dict[str, Any]:
    sentences = {"index": 0, "reference": "make it warmer", "prediction": "make it cooler"}
    return {"messages": sft_row(image)["messages"], "extra_info": sentences}


def write_home(home: Path) -> Path:
    """Write all that the recipes read by default: rows of every stage, one image, and models."""
    image = home / "image.png"
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_bytes(b"not looked into")
    for split, count in (("train", 1300), ("val", 32)):
        write_rows(home / f"data/stage2/{split}.parquet", [rl_row(image)] * count)
        for stage in ("stage1", "stage3"):
            write_rows(home / f"data/{stage}/{split}.parquet", [sft_row(image)] * count)
        for folder in ("data/judge", "judge_data/sft"):
            write_rows(home / f"{folder}/{split}.parquet", [judged_row(image)] * count)
    for name in ("stage1/huggingface", "stage2/huggingface", "judge/huggingface", "tiny_model", "tiny_judge"):
        write_model(home / name)
    return home


def keep_edits(data: Path) -> None:
    """Leave 12 edits with and 4 without an instruction in the rows of Stage 2: summaries need a judge."""
    for split in ("train", "val"):
        path = data / f"stage2/{split}.parquet"
        rows = [row for row in pq.read_table(path).to_pylist() if row["ability"] == "edit"]
        kept = [row for kind, count in (("edit", 12), ("auto", 4)) for row in of_kind(rows, kind)[:count]]
        pq.write_table(pa.Table.from_pylist(kept, schema=pq.read_schema(path)), path)


def of_kind(rows: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["extra_info"]["kind"] == kind]


@cache
def composed(recipe: str, *overrides: str) -> DictConfig:
    """Compose a recipe, with hydra's node; the result is shared and must not be changed."""
    trainer = next(TRAINERS[name] for name in recipe.strip("[]").split(",") if name in TRAINERS)
    return compose_recipe(trainer, [f"+recipe={recipe}", *overrides], hydra=True)


@contextmanager
def guarded(recipe: str, *overrides: str) -> Iterator[DictConfig]:
    """Check a run at its start, and leave its folder at the end. Raises SystemExit where the guard ends the run.

    The overrides are set in a composed configuration: composing it for every test takes long.
    """
    config, guard = deepcopy(composed(recipe)), JobGuard()
    for one in OverridesParser.create().parse_overrides(list(overrides)):
        OmegaConf.update(config, one.get_key_element().lstrip("+"), one.value(), force_add=True)
    try:
        guard.on_job_start(config)
        yield config
    finally:
        guard.on_job_end(config, None)


def start(recipe: str, *overrides: str) -> None:
    """Start and end a run."""
    with guarded(recipe, *overrides):
        pass

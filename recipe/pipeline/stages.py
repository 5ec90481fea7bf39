"""The stages of the laptop demonstration, each of which reuses what it finds finished and resumes what it does not."""

from __future__ import annotations

import hashlib
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.policy import evaluate, write_results
from iea.recipe.pipeline.trainer import supervise


@dataclass(frozen=True)
class Setting:
    """How long each stage runs."""

    name: str
    grpo_steps: int
    grpo_prompts: int = 16  # a step; four updates of a quarter each, as in the paper
    eye_steps: int = 200
    sft_steps: int = 240
    sft_rows: int = 8000
    train_rows: int = 1600
    val_rows: int = 192


SIDE = 112  # px of the pictures
HELD_OUT = 3  # of the eight everyday photographs in the wheels, see iea.data_prep.ingest.sources.bundled
FOLDS = 8
TRAINING_PHOTOS = (
    5 + 5 * 0.25
)  # the other everyday photographs, and five black-and-white ones at a quarter each
LABEL_NOISE = 1.0  # of the SFT labels: GRPO gains by correcting them, as it would those of a teacher
TRACKER = "latest_checkpointed_iteration.txt"  # verl's, in a stage's folder

# They differ in GRPO alone. Its rate falls over its whole length, so that the longer one begins anew.
SETTINGS = {setting.name: setting for setting in (Setting("quick", 40), Setting("full", 60, grpo_prompts=32))}


@dataclass(frozen=True)
class Run:
    """Where one run lives, and with which seed; the seed also picks the fold of held-out photographs."""

    home: Path
    setting: Setting
    seed: int

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def model(self) -> Path:
        return self.home / "tiny_model"

    def sft(self, name: str = "sft", steps: int | None = None) -> Path:
        return self.home / name / f"global_step_{steps or self.setting.sft_steps}" / "huggingface"

    @property
    def grpo(self) -> Path:
        stage = self.home / self.of_setting("grpo")
        return stage / f"global_step_{self.setting.grpo_steps}" / "actor" / "huggingface"

    def of_setting(self, name: str) -> str:
        """`name` of what is not the same in all settings."""
        return f"{name}_{self.setting.name}"

    def evaluation(self, name: str) -> Path:
        return self.home / "evaluation" / f"{name}.parquet"


def prepare(run: Run) -> None:
    """Photographs, rows and the tiny model."""
    from iea.data_prep.pipeline import PrepareConfig, prepare
    from iea.recipe.tiny.policy import build_tiny_model, message_texts
    from iea.recipe.tiny.vision import open_eye, pictures

    setting = run.setting
    manifests = prepare(
        PrepareConfig(
            run.data,
            source=("bundled",),
            fold=run.seed % FOLDS,
            style="short",
            size=SIDE,
            difficulty="easy",
            pairs_per_photo=math.ceil(max(setting.sft_rows, setting.train_rows) / TRAINING_PHOTOS),
            val_pairs_per_photo=math.ceil(setting.val_rows / HELD_OUT),
            judged=0,
            stage1_rows=setting.sft_rows,
            stage2_rows=setting.train_rows,
            label_noise=LABEL_NOISE,
            seed=run.seed,
        ),
        quiet=True,
    )
    files = {stage: manifest["files"] for stage, manifest in manifests.items()}
    _refuse_mixed_data(run, json.dumps(files) + _model_sha256(setting))
    if not run.model.exists():
        rows, blind = run.data / "stage1" / "train.parquet", run.home / "tiny_model_blind"
        build_tiny_model(blind, message_texts(rows), seed=run.seed)
        open_eye(blind, pictures(rows), steps=setting.eye_steps, seed=run.seed)
        blind.rename(run.model)


def _model_sha256(setting: Setting) -> str:
    """What the tiny model depends on besides the data."""
    from iea.recipe.tiny import policy, vision

    sources = [Path(str(module.__file__)).read_bytes() for module in (policy, vision)]
    return hashlib.sha256(b"".join(sources) + str(setting.eye_steps).encode()).hexdigest()


def _refuse_mixed_data(run: Run, digest: str) -> None:
    """A policy trained on one data set and tiny model must not be gone on with, or compared, on another."""
    stamp = run.home / "trained_on.txt"
    if run.model.exists() and stamp.exists() and stamp.read_text() != digest:
        raise SystemExit(
            f"{run.home} must hold models of the data beside them, but the data or the tiny model is another by now, with other "
            "code or photographs; choose another --home, or move the folder away to start over"
        )
    stamp.write_text(digest)


def train_sft(run: Run, *overrides: str, name: str = "sft", steps: int | None = None) -> Path:
    """SFT through verl; returns the folder of the trained model."""
    steps = steps or run.setting.sft_steps
    target = run.sft(name, steps)
    if not _finished(target, run.home / name, steps):
        command = [*_TORCHRUN, "-m", "verl.trainer.sft_trainer", "+recipe=iea_sft_cpu"]
        settings = [
            f"trainer.total_training_steps={steps}",
            f"engine.seed={run.seed}",
            f"trainer.experiment_name={name}",
        ]
        _train(run, name, [*command, *settings, *overrides], steps, metric="train/loss")
    return target


def train_grpo(run: Run, *overrides: str) -> Path:
    """GRPO through `python -m verl.trainer.main_ppo +recipe=iea_cpu`; returns the folder of the trained model."""
    name, setting = run.of_setting("grpo"), run.setting
    if not _finished(run.grpo, run.home / name, setting.grpo_steps):
        command = [sys.executable, "-m", "verl.trainer.main_ppo", "+recipe=iea_cpu"]
        settings = [
            f"iea.model={run.sft()}",
            f"trainer.experiment_name={name}",
            f"trainer.total_training_steps={setting.grpo_steps}",
            f"data.train_batch_size={setting.grpo_prompts}",
            f"actor_rollout_ref.actor.ppo_mini_batch_size={setting.grpo_prompts // 4}",
            f"data.seed={run.seed}",
            f"actor_rollout_ref.rollout.seed={run.seed}",
            "algorithm.rollout_correction.bypass_mode=true",
        ]
        _train(run, name, [*command, *settings, *overrides], setting.grpo_steps, metric="critic/score/mean")
    return run.grpo


def _finished(model: Path, stage: Path, steps: int) -> bool:
    """Whether a stage was saved whole at `steps`: verl writes the weights late, and the tracker last of all."""
    tracker = stage / TRACKER
    return (model / "model.safetensors").exists() and tracker.exists() and int(tracker.read_text()) >= steps


def evaluated(run: Run, name: str, model: Path, *, grey: bool = False) -> pd.DataFrame:
    """The policy's results on the held-out rows, from the file if they are there."""
    out = run.evaluation(name)
    if not out.exists():
        write_results(evaluate(model, run.data / "stage2" / "val.parquet", grey=grey), out)
    return pd.read_parquet(out)


_TORCHRUN = [
    sys.executable,
    "-m",
    "torch.distributed.run",
    "--standalone",
    "--nnodes=1",
    "--nproc_per_node=1",
]


def _train(run: Run, name: str, command: list[str], steps: int, metric: str) -> None:
    """Run a trainer, its console in `logs/<name>.log`, its metrics and peak of memory in `logs/<name>/`."""
    logs = run.home / "logs" / name
    environment = {
        "IEA_HOME": str(run.home),
        "VERL_PLATFORM": "cpu",
        "HF_HUB_OFFLINE": "1",
        "HYDRA_FULL_ERROR": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "TORCHDYNAMO_DISABLE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads cost ten times the step where another program runs
    }
    command = [*command, "trainer.logger=[console,file]", f"hydra.run.dir={logs / 'hydra'}"]
    supervise(command, environment, logs, steps, metric)

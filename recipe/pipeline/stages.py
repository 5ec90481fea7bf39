"""Train and evaluate the stages of the laptop demonstration; finished stages are reused, unfinished ones resumed."""

import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.run import evaluate, write_results
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.pipeline.trainer import run_trainer


@dataclass(frozen=True)
class Setting:
    """Length of each stage."""

    name: str
    grpo_steps: int
    grpo_prompts: int = 16  # per step; four updates of a quarter each, as in the paper
    vision_steps: int = 200
    sft_steps: int = 240
    sft_rows: int = 8000
    train_rows: int = 1600
    val_rows: int = 192


SIDE = 112  # px of the images
HELD_OUT = 3  # of the eight everyday photographs in the wheels, see iea.data_prep.ingest.sources.bundled
FOLDS = 8
TRAINING_PHOTOS = 5 + 5 * 0.25  # the other everyday photographs; five black-and-white ones at a quarter each
LABEL_NOISE = 1.0  # of the SFT labels: GRPO gains by correcting them, as it would with those of a teacher
TRACKER = "latest_checkpointed_iteration.txt"  # written by verl into a stage's folder

# The settings differ in GRPO alone. Its learning rate falls over its whole length, so the longer one cannot continue
# the shorter one.
SETTINGS = {setting.name: setting for setting in (Setting("quick", 40), Setting("full", 60, grpo_prompts=32))}

GRPO = (sys.executable, "-m", "verl.trainer.main_ppo")
SFT = (
    *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nnodes=1", "--nproc_per_node=1"),
    *("-m", "verl.trainer.sft_trainer"),
)


@dataclass(frozen=True)
class Run:
    """Folder, setting and seed of one run; the seed also picks the held-out photographs."""

    home: Path
    setting: Setting
    seed: int

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def model(self) -> Path:
        """The untrained policy."""
        return self.home / "tiny_model"

    def sft(self, name: str = "sft", steps: int | None = None) -> Path:
        """The policy after SFT."""
        return self.home / name / f"global_step_{steps or self.setting.sft_steps}" / "huggingface"

    @property
    def grpo(self) -> Path:
        """The policy after GRPO."""
        stage = self.home / self.of_setting("grpo")
        return stage / f"global_step_{self.setting.grpo_steps}" / "actor" / "huggingface"

    def of_setting(self, name: str) -> str:
        """Name of a stage that differs between the settings."""
        return f"{name}_{self.setting.name}"

    @property
    def held_out(self) -> Path:
        """The RL rows that every system is evaluated on."""
        return self.data / "stage2" / "val.parquet"

    def evaluation(self, name: str) -> Path:
        return self.home / "evaluation" / f"{name}.parquet"


def prepare(run: Run) -> None:
    """Make the photographs, the rows and the tiny model."""
    from iea.data_prep.pipeline import PrepareConfig, prepare
    from iea.recipe.tiny.policy import build_tiny_model, message_texts
    from iea.recipe.tiny.vision import pretrain_vision, read_images

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
        )
    )
    files = {stage: manifest["files"] for stage, manifest in manifests.items()}
    require_same_inputs(run, json.dumps(files) + _model_sha256(setting))
    if not run.model.exists():
        rows, unfinished = run.data / "stage1" / "train.parquet", run.home / "tiny_model_without_vision"
        build_tiny_model(unfinished, message_texts(rows), seed=run.seed)
        pretrain_vision(unfinished, read_images(rows), steps=setting.vision_steps, seed=run.seed)
        unfinished.rename(run.model)


def _model_sha256(setting: Setting) -> str:
    """Digest of everything besides the data that determines the tiny model."""
    from iea.recipe.tiny import policy, vision

    sources = [Path(str(module.__file__)).read_bytes() for module in (policy, vision)]
    return hashlib.sha256(b"".join(sources) + str(setting.vision_steps).encode()).hexdigest()


def require_same_inputs(run: Run, digest: str) -> None:
    """Refuse to continue or compare models of a run whose data or tiny model have changed since.

    Parameters
    ----------
    digest : of everything that the run's models are trained from

    Raises
    ------
    SystemExit : the run has models of another digest
    """
    stamp = run.home / "trained_on.txt"
    if run.model.exists() and stamp.exists() and stamp.read_text() != digest:
        raise SystemExit(
            f"cannot continue the run in {run.home}: its models were trained on other data or from another tiny model "
            "(the code or the photographs have changed since). Choose another --home, or move the folder away to "
            "start over."
        )
    stamp.write_text(digest)


def train_sft(run: Run, *overrides: str, name: str = "sft", steps: int | None = None) -> Path:
    """Train by SFT; return the folder of the trained model."""
    steps = steps or run.setting.sft_steps
    target = run.sft(name, steps)
    if not is_finished(target, run.home / name, steps):
        settings = [f"engine.seed={run.seed}", f"trainer.experiment_name={name}"]
        command = [*SFT, "+recipe=iea_sft_cpu", *settings, *overrides]
        train(run.home, name, command, steps, metric="train/loss")
    return target


def train_grpo(run: Run, *overrides: str) -> Path:
    """Train by GRPO from the SFT policy; return the folder of the trained model."""
    name, setting = run.of_setting("grpo"), run.setting
    if not is_finished(run.grpo, run.home / name, setting.grpo_steps):
        settings = [
            f"iea.model={run.sft()}",
            f"trainer.experiment_name={name}",
            f"data.train_batch_size={setting.grpo_prompts}",
            f"actor_rollout_ref.actor.ppo_mini_batch_size={setting.grpo_prompts // 4}",
            f"data.seed={run.seed}",
            f"actor_rollout_ref.rollout.seed={run.seed}",
            "algorithm.rollout_correction.bypass_mode=true",
        ]
        command = [*GRPO, "+recipe=iea_cpu", *settings, *overrides]
        train(run.home, name, command, setting.grpo_steps, metric="critic/score/mean")
    return run.grpo


def is_finished(model: Path, stage: Path, steps: int) -> bool:
    """Return True if a stage was saved completely: verl writes the weights late and the tracker last.

    Parameters
    ----------
    model : folder of the stage's model
    stage : folder of its checkpoints
    steps : its length
    """
    tracker = stage / TRACKER
    return (model / "model.safetensors").exists() and tracker.exists() and int(tracker.read_text()) >= steps


def train(home: Path, name: str, command: Sequence[str], steps: int, metric: str) -> None:
    """Run a verl trainer on the CPU; the only place that starts one.

    Parameters
    ----------
    home : folder of the run; checkpoints go to `home/name`, logs to `home/logs/name` and `home/logs/name.log`
    name : name of the stage
    command : SFT or GRPO, a recipe and its overrides
    steps : length of the training
    metric : shown in the progress bar
    """
    logs = home / "logs" / name
    environment = {
        "IEA_HOME": str(home),
        "VERL_PLATFORM": "cpu",
        "HF_HUB_OFFLINE": "1",
        "HYDRA_FULL_ERROR": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "TORCHDYNAMO_DISABLE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads make a step ten times slower beside another program
    }
    common = (f"trainer.total_training_steps={steps}", "trainer.logger=[console,file]")
    run_trainer([*command, *common, f"hydra.run.dir={logs / 'hydra'}"], environment, logs, steps, metric)


def evaluated(run: Run, name: str, model: Path | None = None, *, system: str = "checkpoint") -> pd.DataFrame:
    """Evaluate a system on the held-out rows, or read the results of a previous evaluation.

    Parameters
    ----------
    name : name of the results, for example "sft"
    model : folder of the policy, for systems that need one
    system : one of SYSTEMS
    """
    out = run.evaluation(name)
    if not out.exists():
        settings = Settings(model=model, noise=LABEL_NOISE, seed=run.seed)
        write_results(evaluate(SYSTEMS[system], run.held_out, settings), out)
    return pd.read_parquet(out)

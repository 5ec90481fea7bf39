"""Train and evaluate the stages of the laptop demonstration; finished stages are reused, unfinished ones resumed."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.evaluate import evaluate, read_results, write_results
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.overrides import override
from iea.recipe.pipeline.run_trainer import GRPO, SFT, train


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

# The settings differ in GRPO alone. Its learning rate falls over its whole length, so the longer one cannot continue
# the shorter one.
SETTINGS = {setting.name: setting for setting in (Setting("quick", 40), Setting("full", 60, grpo_prompts=32))}


@dataclass(frozen=True)
class Run:
    """Folder, setting and seed of one run; the seed also picks the held-out photographs."""

    home: Path
    setting: Setting
    seed: int = 0

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def model(self) -> Path:
        """The untrained policy."""
        return self.home / "tiny_model"

    @property
    def sft(self) -> Path:
        """The policy after SFT."""
        return SFT.trained(self.home / "sft", self.setting.sft_steps)

    @property
    def grpo(self) -> Path:
        """The policy after GRPO."""
        return GRPO.trained(self.home / self.of_setting("grpo"), self.setting.grpo_steps)

    def of_setting(self, name: str) -> str:
        """Return the name of a stage that differs between the settings."""
        return f"{name}_{self.setting.name}"

    @property
    def held_out(self) -> Path:
        """The RL rows that every system is evaluated on."""
        return self.data / "stage2" / "val.parquet"

    def logs(self, stage: str) -> Path:
        """Folder of verl's metric files."""
        return self.home / "logs" / stage

    def evaluation(self, name: str) -> Path:
        """Results of an evaluated stage or system."""
        return self.home / "evaluation" / f"{name}.parquet"


def prepare(run: Run) -> None:
    """Make the photographs, the rows and the tiny model."""
    from iea.data_prep.prepare import PrepareConfig, prepare
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
    """Return a digest of everything besides the data that determines the tiny model."""
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
    settings = ["+recipe=iea_sft_cpu", override("engine.seed", run.seed), *overrides]
    return train(SFT, run.home, name, steps or run.setting.sft_steps, settings)


def train_grpo(run: Run, *overrides: str) -> Path:
    """Train by GRPO from the SFT policy; return the folder of the trained model."""
    setting = run.setting
    settings = [
        "+recipe=iea_cpu",
        override("iea.model", run.sft),
        override("data.train_batch_size", setting.grpo_prompts),
        override("actor_rollout_ref.actor.ppo_mini_batch_size", setting.grpo_prompts // 4),
        override("data.seed", run.seed),
        override("actor_rollout_ref.rollout.seed", run.seed),
        "algorithm.rollout_correction.bypass_mode=true",
    ]
    return train(GRPO, run.home, run.of_setting("grpo"), setting.grpo_steps, [*settings, *overrides])


def evaluated(run: Run, name: str, model: Path | None = None, *, system: str = "checkpoint") -> pd.DataFrame:
    """Evaluate a system on the held-out rows unless that is done; return the results.

    Parameters
    ----------
    name : name of the results, for example "sft"
    model : folder of the policy, for systems that need one
    system : one of SYSTEMS

    Raises
    ------
    RuntimeError : rows could not be scored
    """
    out = run.evaluation(name)
    if not out.exists():
        settings = Settings(model=model, noise=LABEL_NOISE, seed=run.seed)
        results = evaluate(SYSTEMS[system], run.held_out, settings)
        if errors := int(results.error.sum()):  # of the machine, never of an answer: written, they would stay
            raise RuntimeError(f"cannot score {errors} of {len(results)} rows of {name}; see the log, and start again")
        write_results(results, out)
    return read_results(out)

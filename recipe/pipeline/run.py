"""A run of the pipeline: its folders, its settings, and the command line of each of its stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq
from omegaconf import DictConfig

from iea.recipe.config import compose_recipe
from iea.recipe.guard.inputs import steps_of
from iea.recipe.hand_over import MODEL
from iea.recipe.overrides import override
from iea.recipe.pipeline.stage import EXTRA, GRPO, SFT, STAGES, Scale, Stage

LOGGER = "trainer.logger=[console,file]"  # the file has the metrics of the progress bar and the tables
GPU_LOGGER = "trainer.logger=[console,file,tensorboard]"
JUDGE = "reward.custom_reward_function.reward_kwargs.judge"


@dataclass(frozen=True)
class LaneLengths:
    """Lengths of the trainings on the CPU.

    pretraining : arguments of iea.recipe.tiny.base.make_base, other than its defaults
    judge : fields of iea.recipe.pipeline.judge.JudgeRun, other than its defaults
    steps : of each stage
    rows : training rows of each stage: with a batch of 32 (SFT) or 16 (GRPO) for each step, no row occurs twice
    """

    pretraining: Mapping[str, int] = field(default_factory=dict)
    judge: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=lambda: {"stage1": 600, "stage2": 40, "stage3": 1200})
    rows: Mapping[str, int] = field(default_factory=lambda: {"stage1": 19200, "stage2": 1600, "stage3": 38400})


@dataclass(frozen=True)
class Setting:
    """An override for one stage, or for all: the text `stage2:key=value` or `key=value`."""

    stage: str | None
    text: str

    @staticmethod
    def read(given: str) -> "Setting":
        """Read the text of an option. Raises ValueError if it is not one."""
        stage, colon, text = given.partition(":")
        known = {*STAGES, *EXTRA}
        if colon and stage in known and "=" in text:
            return Setting(stage, text)
        if "=" not in given or (colon and "=" not in stage):
            raise ValueError(
                f"--set must be STAGE:KEY=VALUE or KEY=VALUE, with a stage among {', '.join(sorted(known))}, got {given!r}"
            )
        return Setting(None, given)


@dataclass(frozen=True)
class Run:
    """One run of the pipeline.

    base : folder of --home
    scale : lane or paper
    seed : of everything random; on the lane it also picks the held-out photographs
    judge : folder or endpoint of another judge of summaries than the run's own
    settings : overrides of the recipes
    lengths : of the stages on the lane; on GPUs the recipes have the paper's
    """

    base: Path
    scale: Scale = "lane"
    seed: int = 0
    judge: str | None = None
    settings: Sequence[Setting] = ()
    lengths: LaneLengths = field(default_factory=LaneLengths)

    @property
    def lane(self) -> bool:
        return self.scale == "lane"

    @property
    def home(self) -> Path:
        """Folder of the run: on the lane one for each seed, since each has other photographs."""
        return self.base / f"seed-{self.seed}" if self.lane else self.base

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def tiny_model(self) -> Path:
        """The untrained policy of the lane."""
        return self.home / "tiny_model"

    @property
    def own_judge(self) -> Path:
        """The judge that the pipeline trains; the seeds of the lane share it."""
        return self.base / "judge" / MODEL

    def folder(self, stage: Stage | str) -> Path:
        """Return the folder of a stage's checkpoints."""
        return self.home / (stage if isinstance(stage, str) else stage.name)

    def model(self, stage: Stage | str) -> Path:
        """Return the folder of the model that a stage hands over."""
        return self.folder(stage) / MODEL

    def logs(self, stage: str) -> Path:
        """Return the folder of verl's metric files."""
        return self.home / "logs" / stage

    @cached_property
    def judged(self) -> bool:
        """True if Stage 2 has summaries, which need a judge; on GPUs also before the rows are made, as the mix says."""
        rows = self.data / "stage2/train.parquet"
        if not rows.is_file():
            return not self.lane
        sources = pq.read_table(rows, columns=["data_source"])["data_source"]
        return "iea/summary" in sources.unique().to_pylist()

    @property
    def has_judge(self) -> bool:
        """True if there is a judge to ask."""
        return bool(self.judge) or (self.own_judge / "config.json").is_file()

    def overrides(self, stage: Stage, steps: int | None = None) -> list[str]:
        """Return the settings of a stage, those of the user last.

        Parameters
        ----------
        steps : length; default: that of the lane or of the recipe
        """
        steps = steps or self.asked_steps(stage)
        layers, settings = self._judge() if stage.trainer is GRPO and self.judged else ([], [])
        recipe = [stage.recipe + ("_cpu" if self.lane else ""), *layers]
        settings = [f"+recipe=[{','.join(recipe)}]", override("iea.home", self.home), *settings]
        settings += [override("trainer.experiment_name", stage.name), LOGGER if self.lane else GPU_LOGGER]
        settings += [override("iea.model", self.model(stage.start))] if stage.start else []
        settings += [override("trainer.total_training_steps", steps)] if steps else []
        settings += [override(key, self.seed + stage.seed_shift) for key in _seeds(stage)]
        if self.lane and stage.trainer is GRPO:
            settings.append("algorithm.rollout_correction.bypass_mode=true")
        return [*settings, *(one.text for one in self.settings if one.stage in (None, stage.name))]

    def asked_steps(self, stage: Stage) -> int | None:
        """Return the length of a stage that the user or the lane asks for; None = that of the recipe."""
        key = "trainer.total_training_steps="
        asked = [one.text for one in self.settings if one.stage in (None, stage.name) and one.text.startswith(key)]
        return int(asked[-1].removeprefix(key)) if asked else self.lengths.steps.get(stage.rows) if self.lane else None

    def _judge(self) -> tuple[list[str], list[str]]:
        """Return the layers and the settings of the judge."""
        if self.judge and is_url(self.judge):
            from iea.recipe.evaluation.served import served_name

            wanted = {"backend": "url", "url": self.judge, "model": served_name(self.judge)}
            return [], [override(f"+{JUDGE}.{key}", value) for key, value in wanted.items()]
        folder = Path(self.judge).resolve() if self.judge else self.own_judge
        return ["served_judge" + ("_cpu" if self.lane else "")], [override("iea.judge_model", folder)]

    def config(self, stage: Stage, steps: int | None = None) -> DictConfig:
        """Compose the configuration of a stage. Raises ValueError if a setting does not fit."""
        return compose_recipe(stage.trainer.config, self.overrides(stage, steps))

    def rows(self, stage: Stage) -> int | None:
        """Return the number of a stage's training rows; None before they are made."""
        path = self.data / stage.rows / "train.parquet"
        return int(pq.read_metadata(path).num_rows) if path.is_file() else None

    def steps(self, stage: Stage, config: DictConfig) -> int | None:
        """Return the number of a stage's steps; None before its rows are made."""
        return steps_of(config, self.rows(stage))


def is_url(judge: str) -> bool:
    """Return True for an endpoint, False for a folder."""
    return judge.startswith(("http://", "https://"))


def _seeds(stage: Stage) -> list[str]:
    return ["engine.seed"] if stage.trainer is SFT else ["data.seed", "actor_rollout_ref.rollout.seed"]

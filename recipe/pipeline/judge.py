"""Make, train and evaluate the tiny judge on a machine without a GPU.

    iea judge train --home work     # about a quarter of an hour on two cores

Writes the judged pairs and the SFT rows (`judge_data/`), the untrained model (`tiny_judge/`), the trained one
(`judge/huggingface/`) and its evaluation (`judge_report/`). Running it again reuses finished parts and resumes
unfinished ones.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

from iea.data_prep import runner
from iea.data_prep.runner import Step
from iea.data_prep.schema import JUDGED
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.step import judged_items
from iea.recipe.evaluation.judge.evaluate import evaluate
from iea.recipe.overrides import override
from iea.recipe.pipeline import run_trainer
from iea.recipe.pipeline.run import LOGGER
from iea.recipe.pipeline.stage import SFT
from iea.recipe.tiny.judge import build_tiny_judge
from iea.recipe.tiny.judge_rows import write_judge_rows
from iea.recipe.tiny.policy import message_texts

NAME = "judge"


@dataclass(frozen=True)
class JudgeRun:
    """Folder, sizes and seed of one judge.

    programs, programs_val : number of programs; about seventeen judged pairs are made from each
    steps : training steps of 64 rows
    """

    home: Path
    programs: int = 13_000
    programs_val: int = 300
    steps: int = 1_900
    seed: int = 0

    @property
    def rows(self) -> Path:
        """SFT rows: `train.parquet` and `val.parquet`."""
        return self.home / "judge_data" / "sft"

    @property
    def tiny(self) -> Path:
        """The untrained model."""
        return self.home / "tiny_judge"

    @property
    def model(self) -> Path:
        """The trained model, at the default path of `+recipe=served_judge`."""
        return self.home / NAME / "huggingface"


def run_judge(run: JudgeRun) -> str:
    """Prepare, train and evaluate a judge.

    Returns
    -------
    the evaluation as markdown, the minutes of training and the path of the model

    Raises
    ------
    ValueError : the folder holds judged pairs made with other settings
    SystemExit : the trainer failed
    """
    run_trainer.prepare_process(run.home)
    run.home.mkdir(parents=True, exist_ok=True)
    prepare(run)
    started = time.monotonic()
    model = train(run)
    minutes = (time.monotonic() - started) / 60
    text = evaluate(model, run.rows / "val.parquet", run.home / "judge_report", reasoned=True)
    return f"{text}\n\n{minutes:.1f} minutes of training. The judge is {model}"


def prepare(run: JudgeRun) -> None:
    """Make the judged pairs, the SFT rows and the untrained model unless they exist."""
    maker, judged = JudgedMaker(run.seed), run.rows.with_name("judged")
    items = judged_items({"train": run.programs, "val": run.programs_val})
    runner.run(Step("judged", JUDGED, maker, asdict(maker)), items, judged, workers=1)
    if not run.tiny.exists():
        write_judge_rows(judged, run.rows, seed=run.seed)
        build_tiny_judge(run.tiny, message_texts(run.rows / "train.parquet"), seed=run.seed)


def train(run: JudgeRun) -> Path:
    """Train by SFT; return the folder of the trained judge."""
    settings = ["+recipe=iea_judge_cpu", override("trainer.total_training_steps", run.steps), LOGGER]
    return run_trainer.train(SFT, run.home, NAME, run.steps, [*settings, override("engine.seed", run.seed)])

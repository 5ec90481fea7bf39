"""Make, train and examine the tiny judge, all on a machine without a GPU.

    python -m iea.recipe.pipeline.judge --home work     # about a quarter of an hour on two cores

Writes judged pairs and the lesson made of them (`judge_data/`), the model before (`tiny_judge/`) and after
(`judge/huggingface/`), and its examination (`judge_report/`). Running it again reuses what is finished and resumes what
is not.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from iea.data_prep import runner
from iea.data_prep.runner import Step
from iea.data_prep.schema import JUDGED
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.step import judged_items
from iea.recipe.evaluation.judge.evaluate import evaluate
from iea.recipe.pipeline import stages
from iea.recipe.tiny.judge import build_tiny_judge
from iea.recipe.tiny.judge_rows import Lesson, write_lesson
from iea.recipe.tiny.policy import message_texts

NAME = "judge"


@dataclass(frozen=True)
class JudgeRun:
    """Where one judge lives and how long it learns.

    programs, programs_val : of which judged pairs are made, some seventeen each
    steps : of 64 rows
    """

    home: Path
    programs: int = 13_000
    programs_val: int = 300
    steps: int = 1_900
    seed: int = 0

    @property
    def data(self) -> Path:
        return self.home / "judge_data"

    @property
    def lesson(self) -> Path:
        return self.data / "lesson"

    @property
    def tiny(self) -> Path:
        return self.home / "tiny_judge"

    @property
    def model(self) -> Path:
        """Where `+recipe=served_judge` looks for it."""
        return self.home / NAME / "huggingface"


def prepare(run: JudgeRun) -> None:
    """Judged pairs, lesson and tiny model, or what is missing of them."""
    maker = JudgedMaker(run.seed)
    items = judged_items({"train": run.programs, "val": run.programs_val})
    runner.run(Step("judged", JUDGED, maker, asdict(maker)), items, run.data / "judged", workers=1)
    if not run.tiny.exists():
        write_lesson(Lesson(run.data / "judged", run.lesson, seed=run.seed))
        build_tiny_judge(run.tiny, message_texts(run.lesson / "train.parquet"), seed=run.seed)


def train(run: JudgeRun, *overrides: str) -> Path:
    """SFT through verl; returns the folder of the trained judge."""
    trained = run.home / NAME / f"global_step_{run.steps}" / "huggingface"
    if not stages._finished(trained, run.home / NAME, run.steps):
        command = [*stages._TORCHRUN, "-m", "verl.trainer.sft_trainer", "+recipe=iea_judge_cpu"]
        settings = [f"trainer.total_training_steps={run.steps}", f"engine.seed={run.seed}"]
        learner = stages.Run(run.home, stages.SETTINGS["quick"], run.seed)
        stages._train(learner, NAME, [*command, *settings, *overrides], run.steps, metric="train/loss")
    partial = run.model.with_name("huggingface.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(trained, partial)
    shutil.rmtree(run.model, ignore_errors=True)
    partial.rename(run.model)
    return run.model


def main(
    home: Annotated[Path, typer.Option(help="folder for everything the run writes")] = Path("work"),
    steps: Annotated[int, typer.Option(help="of training, 64 rows each")] = JudgeRun.steps,
    seed: Annotated[int, typer.Option(help="of everything")] = 0,
) -> None:
    """Train a tiny judge of summaries, and say how well it judges."""
    # before torch loads OpenMP: spinning threads cost ten times the step where another program runs
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that the trainer is ended too
    run = JudgeRun(home.resolve(), steps=steps, seed=seed)
    run.home.mkdir(parents=True, exist_ok=True)
    try:
        prepare(run)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    started = time.monotonic()
    model = train(run)
    minutes = (time.monotonic() - started) / 60
    text = evaluate(model, run.lesson / "val.parquet", run.home / "judge_report", reasoned=True)
    typer.echo(f"{text}\n\n{minutes:.1f} minutes of training. The judge is {model}")


if __name__ == "__main__":
    typer.run(main)

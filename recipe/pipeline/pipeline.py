"""Run the recipe, stage by stage: prepare, train, hand over, evaluate. The same code at both scales.

    iea train                                       # the lane: a tiny policy on the CPU, with its data and its judge
    iea train --stages 2 --set stage2:actor_rollout_ref.rollout.n=4
    iea train --scale paper --home $IEA_HOME        # Qwen2.5-VL-7B on GPUs; --dry-run prints the needs

Finished stages are reused and unfinished ones resumed from their last checkpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iea.recipe.checkpoints import tracked_step
from iea.recipe.evaluation.logs import read_log, stage_seconds
from iea.recipe.model_files import FolderError, refuse_bad_model
from iea.recipe.pipeline import run_trainer
from iea.recipe.pipeline.evaluations import LABELS, evaluate_all, evaluate_policy, write_report
from iea.recipe.pipeline.lane import prepare_lane, train_lane_judge
from iea.recipe.pipeline.run import Run, is_url
from iea.recipe.pipeline.stage import AGAIN, CONTROL, JUDGE, SFT, STAGE1, STAGE2, STAGES, Stage


@dataclass(frozen=True)
class State:
    """Progress of a stage: the step that it has saved, if any, and whether its model is handed over."""

    step: int | None
    done: bool

    def __str__(self) -> str:
        if self.done:
            return "done" if self.step is None else f"done, {self.step} steps"
        return "not started" if self.step is None else f"saved step {self.step}, resumes there"


def state(run: Run, stage: Stage) -> State:
    """Look at the folder of a stage. Raises SystemExit if its tracker is not usable."""
    folder = run.folder(stage)
    done = run_trainer.is_finished(folder, run.asked_steps(stage))
    return State(tracked_step(folder), done)


def describe(run: Run, stages: Sequence[Stage]) -> str:
    """Return a line for every stage, and one that names the next of those to run."""
    states = {stage.name: state(run, stage) for stage in STAGES.values()}
    lines = [f"{name:8} {STAGES[name].title:18} {progress}" for name, progress in states.items()]
    waiting = [stage.name for stage in stages if not states[stage.name].done]
    return "\n".join(
        [f"{run.home}, scale {run.scale}:", *lines, f"next: {waiting[0] if waiting else 'nothing to train'}"]
    )


def refuse_missing_start(run: Run, stages: Sequence[Stage]) -> None:
    """Raise ValueError if a stage would start from the model of another that is neither there nor to be trained."""
    asked = {stage.name for stage in stages}
    for stage in stages:
        if stage.start and stage.start not in asked and not state(run, STAGES[stage.start]).done:
            number = stage.start.removeprefix("stage")
            raise ValueError(
                f"{stage.name} starts from the model of {stage.start}, {run.model(stage.start)}, which is not there; train "
                f"stage {number} first: iea train --stages {number}"
            )
    if run.judge and not is_url(run.judge):
        try:
            refuse_bad_model(Path(run.judge))
        except FolderError as error:
            raise ValueError(f"--judge: {error}") from error


def run_pipeline(run: Run, stages: Sequence[Stage], *, control: bool = False) -> str:
    """Train and evaluate stages; write tables and plots.

    Parameters
    ----------
    control : also train GRPO a second time, and SFT for as long as GRPO took, both from the Stage 1 policy

    Returns
    -------
    the tables as markdown, and the names of the written files

    Raises
    ------
    ValueError : a stage lacks its input, or a setting does not fit
    SystemExit : a trainer failed, or the folder holds models of other data
    """
    run_trainer.prepare_process(run.home)
    refuse_missing_start(run, stages)
    run.home.mkdir(parents=True, exist_ok=True)
    print(describe(run, stages), flush=True)
    prepare(run, stages)
    if run.judged and not run.judge:
        train_judge(run)
    evaluate_start(run)
    for stage in stages:
        evaluate_policy(run, stage.name, train(run, stage))
        if control and stage is STAGE2:
            evaluate_policy(run, AGAIN.name, train(run, AGAIN))
            evaluate_policy(run, CONTROL.name, train(run, CONTROL, control_steps(run)))
    return write_report(run)


def prepare(run: Run, stages: Sequence[Stage]) -> None:
    """Make the rows of the lane; on GPUs, where that takes hours, raise ValueError unless they exist."""
    if run.lane:
        prepare_lane(run)
    needed = {stage.rows: run.data / stage.rows / "train.parquet" for stage in stages}
    if missing := [path for path in needed.values() if not path.is_file()]:
        raise ValueError(f"the rows {missing[0]} must exist; make them first: iea data prepare --out {run.data}")


def train_judge(run: Run) -> None:
    """Train the judge of summaries unless it is there."""
    try:
        refuse_bad_model(run.own_judge)
    except FolderError:
        print(train_lane_judge(run) if run.lane else f"the judge is {train(run, JUDGE)}", flush=True)


def train(run: Run, stage: Stage, steps: int | None = None) -> Path:
    """Train a stage unless it is done; return the model that it hands over.

    Parameters
    ----------
    steps : length; default: that of the lane or of the recipe
    """
    config = run.config(stage, steps)
    if stage.trainer is SFT and config.trainer.nnodes > 1:
        raise ValueError(
            f"{stage.name} must run on one node here, got trainer.nnodes={config.trainer.nnodes}; start torchrun on each node "
            "as docs/training.md says: its model is then found by the next stage"
        )
    length = run.steps(stage, config) if stage.trainer is SFT or run.lane else None  # GRPO may drop long prompts
    overrides = run.overrides(stage, steps)
    processes = int(config.trainer.n_gpus_per_node)
    environment = run_trainer.LANE if run.lane else {}
    return run_trainer.train(
        stage.trainer, run.home, stage.name, length, overrides, processes=processes, environment=environment
    )


def evaluate_start(run: Run) -> None:
    """Evaluate before any training: the labels, and the policy before Stage 1 if it is a folder."""
    if run.lane:
        evaluate_all(run, LABELS)
    model = Path(run.config(STAGE1).iea.model)
    if model.is_dir():
        evaluate_policy(run, "untrained", model)


def control_steps(run: Run) -> int:
    """Return the number of SFT steps that take as long as GRPO took."""
    first, second = run.logs(STAGE1.name), run.logs(STAGE2.name)
    return max(1, round(stage_seconds(second) / (stage_seconds(first) / len(read_log(first)))))


def peak_gib(run: Run) -> float:
    """Return the largest main memory that a trainer of the run took."""
    return max((float(path.read_text()) for path in (run.home / "logs").glob("*/peak_gib.txt")), default=0.0)

"""Run the whole recipe on a laptop: photographs, tiny model, SFT, GRPO, tables and plots.

    iea train                            # about 15 minutes on two cores
    iea train --setting full --control   # more GRPO from the same SFT policy, and the control

Everything is written under `--home`. Running it again reuses finished stages and resumes unfinished ones.
"""

import time
from pathlib import Path

import pandas as pd

from iea.data_prep.files import write_text
from iea.recipe.checkpoints import step_folder, tracked_step
from iea.recipe.evaluation import plots
from iea.recipe.evaluation.logs import read_log, stage_seconds
from iea.recipe.evaluation.tables import print_tables
from iea.recipe.overrides import override
from iea.recipe.pipeline import stages
from iea.recipe.pipeline.report import read_run
from iea.recipe.pipeline.run_trainer import prepare_process


def run_demo(home: Path, setting: str, seed: int, control: bool) -> str:
    """Train and evaluate a tiny policy; write tables and plots to `home/seed-N/SETTING`.

    Parameters
    ----------
    setting : one of stages.SETTINGS
    seed : seed of everything random; it also picks the held-out photographs
    control : also train the control, SFT for as long as GRPO took

    Returns
    -------
    the tables as markdown, the minutes taken, the peak memory and the names of the written files

    Raises
    ------
    SystemExit : a trainer failed, or the folder holds models of other data
    """
    run = stages.Run(home.resolve() / f"seed-{seed}", stages.SETTINGS[setting], seed)
    prepare_process(run.home)
    started = time.monotonic()
    run.home.mkdir(parents=True, exist_ok=True)
    stages.prepare(run)
    for system in ("true_programs", "noisy_labels"):
        stages.evaluated(run, system, system=system)
    stages.evaluated(run, "untrained", run.model)
    before = stages.evaluated(run, "sft", stages.train_sft(run))
    grpo = stages.train_grpo(run)
    after = stages.evaluated(run, run.of_setting("grpo"), grpo)
    stages.evaluated(run, run.of_setting("grpo_gray"), grpo, system="gray")
    if control:
        evaluate_control(run)
    shown = run.home / setting
    text = _write_report(run, shown, before, after)
    minutes = (time.monotonic() - started) / 60
    peaks = [float(path.read_text()) for path in (run.home / "logs").glob("*/peak_gib.txt")]
    return (
        f"{text}\n\n{minutes:.1f} minutes, peak memory {max(peaks, default=0):.1f} GiB.\n"
        f"In {shown}: tables.md, reward_curve.png, contact_sheet.png"
    )


def _write_report(run: stages.Run, shown: Path, before: pd.DataFrame, after: pd.DataFrame) -> str:
    shown.mkdir(exist_ok=True)
    text = print_tables([read_run(run)])
    write_text(shown / "tables.md", text + "\n")
    plots.plot_reward(read_log(run.logs(run.of_setting("grpo"))), shown / "reward_curve.png")
    plots.contact_sheet(before, after, shown / "contact_sheet.png")
    return text


def evaluate_control(run: stages.Run) -> None:
    """Train and evaluate the control unless it has been evaluated before."""
    name = run.of_setting("control")
    if not run.evaluation(name).exists():
        stages.evaluated(run, name, train_control(run, name))


def train_control(run: stages.Run, name: str) -> Path:
    """Continue SFT for as long as GRPO took, at the final learning rate of the schedule."""
    seconds_per_step = stage_seconds(run.logs("sft")) / len(read_log(run.logs("sft")))
    steps = max(1, round(stage_seconds(run.logs(run.of_setting("grpo"))) / seconds_per_step))
    final_rate = ("optim.lr_warmup_steps=0", "optim.lr=2e-4", "optim.lr_scheduler_type=constant")
    shorter = _shorter_control(run, name, steps)
    resume = (override("trainer.resume_from_path", shorter),) if shorter else ()
    return stages.train_sft(run, override("iea.model", run.sft), *final_rate, *resume, name=name, steps=steps)


def _shorter_control(run: stages.Run, name: str, steps: int) -> Path | None:
    """Return the longest checkpoint of another setting's control with fewer steps; None if this one has its own."""
    if tracked_step(run.home / name) is not None:
        return None
    saved = {step: folder for folder in run.home.glob("control_*") if (step := tracked_step(folder)) is not None}
    return next((step_folder(saved[step], step) for step in sorted(saved, reverse=True) if step < steps), None)

"""The whole recipe on a laptop: photographs, tiny model, SFT, GRPO, and what came of it.

    python -m iea.recipe.pipeline.demo                            # about 15 minutes on two cores
    python -m iea.recipe.pipeline.demo --setting full --control   # more GRPO from the same SFT policy, and the control

Everything lands under `--home`; running it again reuses what is finished and resumes what is not.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from iea.recipe.evaluation import report
from iea.recipe.pipeline import stages


def run_demo(home: Path, setting: str, seed: int, control: bool) -> None:
    started = time.monotonic()
    run = stages.Run(home.resolve() / f"seed-{seed}", stages.SETTINGS[setting], seed)
    run.home.mkdir(parents=True, exist_ok=True)
    stages.prepare(run)
    results = {"before SFT": stages.evaluated(run, "untrained", run.model)}
    sft = stages.train_sft(run)
    results["after SFT"] = stages.evaluated(run, "sft", sft)
    grpo = stages.train_grpo(run)
    results["after GRPO"] = stages.evaluated(run, run.of_setting("grpo"), grpo)
    grey = stages.evaluated(run, run.of_setting("grpo_grey"), grpo, grey=True)
    if control:
        results["control: more SFT"] = _control(run)
    text = summary(results, grey)
    shown = run.home / setting
    shown.mkdir(exist_ok=True)
    (shown / "table.md").write_text(text + "\n")
    log = report.read_log(run.home / "logs" / run.of_setting("grpo"))
    report.plot_reward(log, shown / "reward_curve.png")
    report.contact_sheet(results["after SFT"], results["after GRPO"], shown / "contact_sheet.png")
    minutes = (time.monotonic() - started) / 60
    peaks = [float(path.read_text()) for path in (run.home / "logs").glob("*/peak_gib.txt")]
    print(f"\n{text}\n\n{minutes:.1f} minutes, at most {max(peaks, default=0):.1f} GiB of memory at once.")
    print(f"In {shown}: table.md, reward_curve.png, contact_sheet.png")


def summary(results: dict[str, pd.DataFrame], grey: pd.DataFrame) -> str:
    """The three tables and the two differences that matter, as markdown."""
    after = results["after GRPO"]
    unseen = after[after.kind == "auto"], grey[grey.kind == "auto"]
    lines = [report.table(results | {"after GRPO, image grey": grey}), "", report.photo_table(results), ""]
    gains = {"GRPO - SFT, all rows": report.paired_difference(after, results["after SFT"])}
    gains["photograph seen - grey, rows without instruction"] = report.paired_difference(*unseen)
    lines += [
        f"{name}: {mean:+.3f} (95 % interval {low:+.3f} to {high:+.3f})"
        for name, (mean, low, high) in gains.items()
    ]
    return "\n".join(lines)


def _control(run: stages.Run) -> pd.DataFrame:
    """The control's results, from the file if they are there."""
    name = run.of_setting("control")
    model = run.sft() if run.evaluation(name).exists() else _more_sft(run, name)
    return stages.evaluated(run, name, model)


def _more_sft(run: stages.Run, name: str) -> Path:
    """The control's policy: from the SFT policy, SFT for as long as GRPO took, at the final rate of the schedule."""
    logs = run.home / "logs"
    seconds_a_step = report.stage_seconds(logs / "sft") / len(report.read_log(logs / "sft"))
    steps = max(1, round(report.stage_seconds(logs / run.of_setting("grpo")) / seconds_a_step))
    at_the_end = ("optim.lr_warmup_steps=0", "optim.lr=2e-4", "optim.lr_scheduler_type=constant")
    begun = _shorter_control(run, name, steps)
    goes_on = (f"trainer.resume_from_path={begun}",) if begun else ()
    return stages.train_sft(run, f"iea.model={run.sft()}", *at_the_end, *goes_on, name=name, steps=steps)


def _shorter_control(run: stages.Run, name: str, steps: int) -> Path | None:
    """The checkpoint of a shorter setting's control, on whose way this one lies; None once it has one of its own."""
    if (run.home / name / stages.TRACKER).exists():
        return None
    saved = {
        int(tracker.read_text()): tracker.parent for tracker in run.home.glob(f"control_*/{stages.TRACKER}")
    }
    return next(
        (saved[step] / f"global_step_{step}" for step in sorted(saved, reverse=True) if step < steps), None
    )


def main(
    home: Annotated[Path, typer.Option(help="folder for everything the run writes")] = Path("work"),
    setting: Annotated[str, typer.Option(help=f"one of {', '.join(stages.SETTINGS)}")] = "quick",
    seed: Annotated[int, typer.Option(help="of everything; also rotates the held-out photographs")] = 0,
    control: Annotated[bool, typer.Option(help="also train the control that goes on with SFT")] = False,
) -> None:
    """Train and show a tiny retouching policy, end to end."""
    if setting not in stages.SETTINGS:
        raise typer.BadParameter(f"--setting must be one of {', '.join(stages.SETTINGS)}, got {setting!r}")
    # before torch loads OpenMP: spinning threads cost ten times the step where another program runs
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that the trainer is ended too
    run_demo(home, setting, seed, control)


if __name__ == "__main__":
    typer.run(main)

"""A run of GRPO that loses a process ends, and the same command resumes from its last checkpoint.

The loss of a served judge is in test_served_judge, that of the pipeline in test_pipeline.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from homes import keep_edits

from iea.recipe.checkpoints import TRACKER
from iea.recipe.guard.machine import remove_segments
from iea.recipe.overrides import override
from iea.recipe.pipeline.lane import prepare_lane
from iea.recipe.pipeline.run import LaneLengths, Run
from iea.recipe.pipeline.run_trainer import LANE

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

SMALL = LaneLengths(pretraining={"steps": 1, "pairs": 64}, rows={"stage1": 64, "stage2": 80, "stage3": 64})
CHEAP = ["data.train_batch_size=8", "actor_rollout_ref.actor.ppo_mini_batch_size=8", "actor_rollout_ref.rollout.n=2"]
STEPS, END_S = 200, 180  # more steps than are reached; seconds after which a run counts as one that never ends
DEAD = "(no progress for 30 s and dead ones:|[Tt]he actor (is dead|died))"  # found by us, or by verl's next call
VICTIMS = {  # title of the process -> a pattern that the run's log contains
    "ray::WorkerDict": DEAD,
    "ray::AgentLoopWorker": DEAD,
    "ray::VLLMCPUHttpServer": DEAD,
    "raylet": "",
    "": "",  # the driver
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run(tmp_path_factory.mktemp("lost"), lengths=SMALL)
    prepare_lane(run)
    keep_edits(run.data)
    return run


def command(run: Run) -> list[str]:
    made = [sys.executable, "-m", "verl.trainer.main_ppo", "+recipe=iea_cpu", override("iea.model", run.tiny_model)]
    made += [f"trainer.total_training_steps={STEPS}", "trainer.save_freq=1", "trainer.experiment_name=stage2"]
    return [*made, override("hydra.run.dir", run.home / "hydra"), *CHEAP]


@contextmanager
def started(run: Run, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment, begun = {**os.environ, **LANE, "IEA_HOME": str(run.home)}, time.time()
    with log.open("wb") as console:
        process = subprocess.Popen(command(run), env=environment, stdout=console, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            everyone = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            for one in (process, *everyone):
                one.kill()
            process.wait()
            remove_segments(begun, wait=True)  # the next start would; another run's test may look now


def saved(run: Run) -> int:
    """Return the last saved step; the run may be writing it."""
    tracker = run.folder("stage2") / TRACKER
    return int(tracker.read_text() or 0) if tracker.exists() else 0


def kill_after_a_step(run: Run, process: subprocess.Popen[bytes], title: str) -> list[psutil.Process]:
    """Kill the processes of that title once another step is saved; return all processes of the run."""
    trainer, before = psutil.Process(process.pid), saved(run)
    while saved(run) == before:
        ended, _ = psutil.wait_procs([trainer], timeout=0.2)
        assert not ended, "the run must save a step"
    everyone = trainer.children(recursive=True)
    victims = [one for one in everyone if _title(one).startswith(title)] if title else [trainer]
    assert victims, f"a process must have the title {title}"
    for victim in victims:
        victim.kill()
    return everyone


def _title(process: psutil.Process) -> str:
    try:
        return process.name() if process.name() == "raylet" else " ".join(process.cmdline())
    except psutil.Error:  # ended meanwhile
        return ""


@pytest.mark.parametrize("title", VICTIMS)
def test_a_run_ends_without_a_process_and_resumes(run: Run, title: str) -> None:
    log, step = run.home / f"killed-{title.rpartition(':')[2]}.log", saved(run)
    with started(run, log) as process:
        everyone = kill_after_a_step(run, process, title)
        assert process.wait(timeout=END_S) != 0
    _, left = psutil.wait_procs(everyone, timeout=END_S)
    text = log.read_text(errors="replace")
    assert not left
    assert re.search(VICTIMS[title], text)
    assert step == 0 or re.search(rf"continues .*global_step_{step} of {STEPS} steps", text)
    assert saved(run) > step

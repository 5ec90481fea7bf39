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
from small_runs import CHEAP, small_run

from iea.recipe.checkpoints import TRACKER
from iea.recipe.guard.machine import remove_segments
from iea.recipe.overrides import override
from iea.recipe.pipeline.run import Run
from iea.recipe.pipeline.run_trainer import LANE

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

STEPS, END_S = 200, 180  # more steps than are reached; seconds after which a run counts as one that never ends
DRIVER = ""
VICTIMS = ("ray::WorkerDict", "ray::AgentLoopWorker", "ray::VLLMCPUHttpServer", "raylet", DRIVER)  # titles of processes
DEAD = r"no progress for 30 s and dead ones:|[Tt]he actor (\w+ )?(is dead|died|is unavailable)"  # by us, or verl's next call


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small_run(tmp_path_factory.mktemp("lost"))


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
    assert title == DRIVER or re.search(DEAD, text)
    assert step == 0 or re.search(rf"continues .*global_step_{step} of {STEPS} steps", text)
    assert saved(run) > step

"""Running a trainer, with small programs in place of verl."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iea.recipe.pipeline.run_trainer import memory_gib, run_trainer

SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_metrics_console_and_peak_memory_are_written(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "logging_trainer.py")]
    run_trainer(command, tmp_path, "sft", 2, "train/loss")
    (metrics,) = (tmp_path / "logs/sft").glob("*.jsonl")
    assert len(metrics.read_text().splitlines()) == 2
    assert (tmp_path / "logs/sft.log").read_text() == f"trained {tmp_path}\n"
    assert 0 <= float((tmp_path / "logs/sft/peak_gib.txt").read_text()) < 1


def test_a_failed_trainer_shows_its_last_lines_and_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise ValueError('no such model')"]
    with pytest.raises(SystemExit, match="no such model") as ended:
        run_trainer(command, tmp_path, "grpo", 2, "train/loss")
    assert str(tmp_path / "logs/grpo.log") in str(ended.value)


def test_a_refusal_is_shown_without_what_follows_it(tmp_path: Path) -> None:
    said = "verl-iea: a new run in /x\\nverl-iea: data must be rows:\\n  got none\\n  make them\\nTraceback\\n"
    command = [sys.executable, "-c", f"print('{said}' + 50 * 'torchrun\\n'); raise SystemExit(1)"]
    with pytest.raises(SystemExit) as ended:
        run_trainer(command, tmp_path, "grpo", 2, "train/loss")
    log = tmp_path / "logs/grpo.log"
    assert (
        str(ended.value) == f"cannot train grpo: data must be rows:\n  got none\n  make them\nThe whole log is {log}."
    )


def test_memory_includes_child_processes() -> None:
    before = memory_gib(os.getpid())
    with subprocess.Popen(
        [sys.executable, str(SCRIPTS / "hold_memory.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert memory_gib(os.getpid()) - before > 0.24
        child.communicate(b"\n")


def test_memory_of_an_ended_process_is_0() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert memory_gib(child.pid) == 0

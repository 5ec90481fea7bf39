"""The supervisor of the trainers, with small programs in the place of verl."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from iea.recipe.pipeline.trainer import memory_gib, supervise

TRAINER = """
import json, os
with open(os.environ["VERL_FILE_LOGGER_PATH"], "a") as log:
    for step in (1, 2):
        log.write(json.dumps({"step": step, "data": {"train/loss": 1 / step}}) + chr(10))
print("trained", os.environ["IEA_HOME"])
"""


def test_metrics_and_console_of_a_trainer_land_in_its_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TRAINER]
    supervise(command, {"IEA_HOME": "here"}, tmp_path / "sft", 2, "train/loss")
    (metrics,) = (tmp_path / "sft").glob("*.jsonl")
    assert len(metrics.read_text().splitlines()) == 2
    assert (tmp_path / "sft.log").read_text() == "trained here\n"
    assert 0 <= float((tmp_path / "sft" / "peak_gib.txt").read_text()) < 1


def test_a_failed_trainer_ends_the_run_with_its_last_words_and_where_to_read_more(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise ValueError('no such model')"]
    with pytest.raises(SystemExit, match="no such model") as ended:
        supervise(command, {}, tmp_path / "grpo", 2, "train/loss")
    assert str(tmp_path / "grpo.log") in str(ended.value)


def test_memory_counts_what_a_child_took() -> None:
    hold = "held = bytearray(b'x') * (256 << 20); print('ready', flush=True); input()"
    before = memory_gib(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert memory_gib(os.getpid()) - before > 0.24
        child.communicate(b"\n")


def test_memory_of_a_process_that_has_ended_is_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert memory_gib(child.pid) == 0

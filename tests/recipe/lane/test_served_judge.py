"""One GRPO run on the CPU with all three tasks, and with summaries scored by a judge that verl serves."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import psutil
import pytest

from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.ingest.step import IngestConfig, ingest
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.synthesize.step import SynthesizeConfig, synthesize
from iea.recipe.evaluation.logs import read_log
from iea.recipe.pipeline.run_trainer import train
from iea.recipe.pipeline.stage import SFT

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

CHEAP = [
    "data.train_batch_size=12",
    "actor_rollout_ref.actor.ppo_mini_batch_size=12",
    "actor_rollout_ref.rollout.n=2",
    "trainer.save_freq=-1",
]
SFT_STEPS, STEPS = 200, 2
SERVER = "ray::VLLMCPUHttpServer"
LESSONS = """
rows: sft
val_rows: 8
parts:
  - {name: Edit, where: {task: edit}, ratio: 1}
  - {name: Summary, where: {task: summary}, ratio: 1}
  - {name: Refine, where: {task: refine}, ratio: 1}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make rows of all tasks, a tiny policy, and a judge with their vocabulary."""
    from iea.recipe.tiny.judge import build_tiny_judge
    from iea.recipe.tiny.policy import build_tiny_model, message_texts

    home = tmp_path_factory.mktemp("judged")
    pairs, made = home / "pairs", home / "synthetic"
    ingest(IngestConfig("bundled", None, pairs, fold=0), workers=1, quiet=True)
    config = SynthesizeConfig(pairs_per_photo=12, size=112, judged=40, judged_val=10)
    synthesize(read_pairs(pairs / "pairs.parquet"), made, config, workers=1, quiet=True)
    (home / "lessons.yaml").write_text(LESSONS)
    for name, stage in ((str(home / "lessons.yaml"), "stage1"), ("all_tasks", "stage2")):
        shown = {"style": "short", "max_pixels": 112 * 112}
        mix(MixConfig(name, (made / "examples",), home / "data" / stage, **shown), quiet=True)
    mix(MixConfig("judge", (made / "judged",), home / "data" / "judge"), quiet=True)
    build_tiny_model(home / "tiny_model", message_texts(home / "data/stage1/train.parquet"))
    build_tiny_judge(home / "judge", message_texts(home / "data/judge/train.parquet"))
    return home


@pytest.fixture(scope="module")
def policy(home: Path) -> Path:
    """Train the policy by SFT to write programs and sentences."""
    settings = ["+recipe=iea_sft_cpu", f"iea.home={home}", f"trainer.total_training_steps={SFT_STEPS}"]
    return train(SFT, home, "stage1", SFT_STEPS, [*settings, "trainer.logger=[console,file]", "data.max_length=512"])


@pytest.fixture(scope="module")
def run(home: Path, policy: Path) -> tuple[pd.DataFrame, str]:
    """Train all tasks with the served judge, and kill it after STEPS steps; return the logged steps and the output."""
    log = home / "logs/1.jsonl"
    command = [sys.executable, "-m", "verl.trainer.main_ppo", "+recipe=[iea_cpu,served_judge_cpu]"]
    command += [f"iea.model={policy}", f"iea.judge_model={home / 'judge'}", "trainer.total_training_steps=30", *CHEAP]
    command += ["trainer.logger=[console,file]", f"hydra.run.dir={home}/hydra", "trainer.experiment_name=judged"]
    environment = {**os.environ, "RAY_ADDRESS": "local", "IEA_HOME": str(home), "VERL_FILE_LOGGER_PATH": str(log)}
    with (home / "output.log").open("wb") as console:
        process = subprocess.Popen(command, env=environment, stdout=console, stderr=subprocess.STDOUT)
        try:
            _kill_judge_after_some_steps(process, log)
            assert process.wait(timeout=900) != 0
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()
    return read_log(log.parent), (home / "output.log").read_text(errors="replace")


def test_one_run_trains_all_tasks_with_the_served_judge(run: tuple[pd.DataFrame, str]) -> None:
    metrics, output = run[0].loc[:STEPS], run[1]
    assert list(metrics.index) == [1, 2]
    for source, component in (("auto", "r_use"), ("edit", "r_like"), ("refine", "r_like"), ("summary", "judge")):
        assert metrics[f"reward/iea/{source}/{component}"].notna().any(), source
    programs = [f"reward/iea/{source}" for source in ("auto", "edit", "refine")]  # a step may lack a source
    assert metrics[[f"{source}/parsable" for source in programs]].max(axis=None) > 0
    assert metrics[[f"{source}/score" for source in programs]].max(axis=None) > -1
    assert (metrics["reward/iea/summary/judge_ms"] > 0).any()
    assert (metrics["reward/iea/summary/rouge_l"] > 0).any()
    unscored = metrics.filter(regex="reward/.*/(fallback|error)$|reward/masked_groups").fillna(0)
    assert not unscored.to_numpy().any(), f"{unscored.to_dict()}\n{_warnings(output)}"


def test_groups_of_a_killed_judge_are_masked_and_the_run_ends(run: tuple[pd.DataFrame, str]) -> None:
    metrics, output = run
    assert "may lack the judge's score" in output
    lost = metrics[metrics["reward/iea/summary/fallback"] > 0]
    assert len(lost) and (lost["reward/masked_groups"] > 0).all()


def _kill_judge_after_some_steps(process: subprocess.Popen[bytes], log: Path) -> None:
    """Kill the judge's server, the one that started first, with its child processes once STEPS steps are logged."""
    trainer = psutil.Process(process.pid)
    while not (log.exists() and log.read_text().count("\n") >= STEPS):
        ended, _ = psutil.wait_procs([trainer], timeout=0.5)
        assert not ended, "the run must get through its first steps"
    servers = [child for child in trainer.children(recursive=True) if _title(child).startswith(SERVER)]
    assert len(servers) == 2
    judge = min(servers, key=psutil.Process.create_time)  # verl starts the reward model before the rollouts
    for part in (judge, *judge.children(recursive=True)):
        part.kill()


def _warnings(output: str) -> str:
    return "\n".join(line for line in output.splitlines() if "judge" in line and "WARN" in line.upper())


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # ended meanwhile
        return ""

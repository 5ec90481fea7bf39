"""Training on the CPU, end to end: verl, Ray, vLLM with weights synced every step, and photographs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from homes import keep_edits
from ports import exposed_ports
from small_runs import CHEAP, SMALL, small_run
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from iea.recipe.checkpoints import tracked_step
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.guard.machine import unused_segments
from iea.recipe.pipeline import pipeline
from iea.recipe.pipeline.lane import prepare_lane
from iea.recipe.pipeline.run import LaneLengths, Run, Setting
from iea.recipe.pipeline.run_trainer import train
from iea.recipe.pipeline.stage import SFT, STAGE1, STAGE2

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

STEPS = 2
LENGTHS = LaneLengths(**SMALL, steps=dict.fromkeys(("stage1", "stage2", "stage3"), STEPS))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    settings = [f"stage2:{one}" for one in (*CHEAP, "trainer.test_freq=2")]
    settings.append("stage2:algorithm.rollout_correction.bypass_mode=false")
    base = tmp_path_factory.mktemp("lane")
    return small_run(base, lengths=LENGTHS, settings=[Setting.read(one) for one in settings])


@pytest.fixture(scope="module")
def sft(run: Run) -> Path:
    return pipeline.train(run, STAGE1)


@pytest.fixture(scope="module")
def grpo(run: Run, sft: Path) -> dict[str, Any]:
    """Train, and note what the run leaves to others: ports, and files in shared memory."""
    before = time.time()
    with exposed_ports() as ports:
        pipeline.train(run, STAGE2)
    return {"log": read_log(run.logs("stage2")), "ports": ports, "left": _left(before)}


@retry(
    retry=retry_if_result(bool),
    wait=wait_fixed(1),
    stop=stop_after_delay(60),
    retry_error_callback=lambda last: last.outcome.result(),
)
def _left(since: float) -> list[Path]:
    """Return the shared memory that stays unused; a test beside this one removes what its killed runs left."""
    return unused_segments(since)


@pytest.fixture(scope="module")
def grpo_log(grpo: dict[str, Any]) -> pd.DataFrame:
    log: pd.DataFrame = grpo["log"]
    return log


def test_a_run_listens_on_loopback_alone_and_leaves_no_shared_memory(grpo: dict[str, Any]) -> None:
    assert not grpo["ports"] and not grpo["left"]


def test_rollout_and_actor_agree_on_probabilities(grpo_log: pd.DataFrame) -> None:
    """Fails if weights are not synced, images are lost or the vocabularies differ."""
    assert list(grpo_log.index) == [1, 2]
    assert (grpo_log["training/rollout_actor_probs_pearson_corr"] > 0.999).all()


@pytest.mark.parametrize("source", ["iea/edit", "iea/auto"])
@pytest.mark.parametrize(
    "component", ["r_like", "r_use", "d_before", "d_after", "n_tools", "parsable", "error", "reward_ms"]
)
def test_components_are_logged_in_training_and_validation(grpo_log: pd.DataFrame, source: str, component: str) -> None:
    assert grpo_log[f"reward/{source}/{component}"].notna().any()
    assert grpo_log.filter(regex=f"^val-.*/{source}/{component}/mean@1$").notna().any(axis=None)


def test_no_reward_ended_in_an_error(grpo_log: pd.DataFrame) -> None:
    assert (grpo_log.filter(regex="^reward/.*/error$").fillna(0) == 0).all(axis=None)


def test_trained_policy_is_evaluated_and_differs_from_sft(run: Run, sft: Path, grpo_log: pd.DataFrame) -> None:
    trained = run.model("stage2")
    results = evaluate(SYSTEMS["checkpoint"], run.data / "held_out.parquet", Settings(model=trained, max_new_tokens=64))
    assert results[results.kind != "summary"].error.eq(0).all()  # summaries need a judge
    assert results.groupby("photo").ngroups >= 3
    assert (trained / "model.safetensors").read_bytes() != (sft / "model.safetensors").read_bytes()


def test_finished_stages_are_reused(run: Run, grpo_log: pd.DataFrame) -> None:
    weights = run.model("stage2") / "model.safetensors"
    before = weights.stat().st_mtime_ns
    prepare_lane(run)
    keep_edits(run.data)
    pipeline.train(run, STAGE1)
    pipeline.train(run, STAGE2)
    assert weights.stat().st_mtime_ns == before
    assert len(list(run.logs("stage2").glob("*.jsonl"))) == 1


def test_models_of_other_data_are_not_resumed(run: Run, grpo_log: pd.DataFrame) -> None:
    stamp = run.home / "trained_on.txt"
    digest = stamp.read_text()
    stamp.write_text("another")
    with pytest.raises(SystemExit, match="Choose another --home"):
        prepare_lane(run)
    stamp.write_text(digest)


def test_frozen_vision_tower_does_not_move(run: Run) -> None:
    from safetensors.torch import load_file

    trained = train_sft(run, "model.override_config.freeze_vision_tower=true", name="frozen")
    before, after = (load_file(folder / "model.safetensors") for folder in (run.tiny_model, trained))
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved and not {name for name in moved if "visual" in name}


def test_a_longer_control_takes_only_the_missing_steps(run: Run, sft: Path) -> None:
    begun = run.folder("stage1") / f"global_step_{STEPS}"
    trained = train_sft(run, f"trainer.resume_from_path={begun}", name="longer", steps=STEPS + 1)
    assert list(read_log(run.home / "logs/longer").index) == [STEPS + 1]
    assert (trained / "model.safetensors").read_bytes() != (sft / "model.safetensors").read_bytes()


def test_failing_trainer_shows_its_log_and_how_to_resume(run: Run) -> None:
    with pytest.raises(SystemExit, match=r"sft_trainer.*(?s:.*)ended with status.*to resume"):
        train_sft(run, "optim.optimizer_impl=nowhere", name="broken")


def test_a_refused_trainer_shows_the_reason_alone(run: Run) -> None:
    with pytest.raises(
        SystemExit, match=r"^cannot train refused: model.path must be the folder of a model.*\nThe whole log"
    ):
        train_sft(run, "model.path=/nowhere", name="refused")


def test_a_run_resumes_its_own_checkpoint_and_no_other(run: Run) -> None:
    constant = "optim.lr_scheduler_type=constant"  # a longer run of another schedule would be another run
    train_sft(run, constant, name="resumed")
    train_sft(run, constant, name="resumed", steps=STEPS + 1)
    assert list(read_log(run.home / "logs/resumed").index) == [1, 2, 3]
    step = run.home / "resumed/global_step_2"
    assert f"continues {step} of 3 steps, with the same model, data" in (run.home / "logs/resumed.log").read_text()
    with pytest.raises(SystemExit, match="holds step 3 of another:\n  optim.lr: 0.003 -> 0.1"):
        train_sft(run, constant, "optim.lr=0.1", name="resumed", steps=STEPS + 2)


def test_a_run_whose_disk_fills_up_says_so_and_resumes_with_space(run: Run) -> None:
    folder = run.home / "full"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "none", str(folder), "-o"]
    if subprocess.run([*mount, "size=48m"], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        with pytest.raises(SystemExit, match="cannot train full: the disk of .* must have space for a checkpoint"):
            train_sft(run, "trainer.save_freq=1", name="full", steps=3)
        saved = tracked_step(folder)
        assert saved == 1
        subprocess.run([*mount, "remount,size=400m"], check=True)
        train_sft(run, "trainer.save_freq=1", name="full", steps=3)
        assert f"continues {folder}/global_step_{saved} of 3 steps" in (run.home / "logs/full.log").read_text()
    finally:
        subprocess.run(["umount", folder], check=True)


def train_sft(run: Run, *overrides: str, name: str, steps: int = STEPS) -> Path:
    """Train by SFT in a folder of its own; return the model."""
    settings = ["+recipe=iea_sft_cpu", f"iea.home={run.home}", f"trainer.total_training_steps={steps}"]
    return train(SFT, run.home, name, steps, [*settings, "trainer.logger=[console,file]", *overrides])


def _main_ppo(run: Run, sft: Path, *overrides: str) -> list[dict[str, object]]:
    """Run `python -m verl.trainer.main_ppo ...` as a user would; return the entries of verl's file logger."""
    log = run.home / "logs" / f"user-{len(list(run.home.glob('logs/user-*')))}.jsonl"
    command = [sys.executable, "-m", "verl.trainer.main_ppo", *overrides, "+recipe=iea_cpu", f"iea.model={sft}"]
    command += ["trainer.total_training_steps=1", "trainer.logger=[console,file]", *CHEAP]
    if not any("save_freq" in override for override in overrides):
        command.append("trainer.save_freq=-1")
    environment = {**os.environ, "RAY_ADDRESS": "local", "IEA_HOME": str(run.home), "VERL_FILE_LOGGER_PATH": str(log)}
    done = subprocess.run(
        [
            *command,
            "trainer.experiment_name=user",
            f"hydra.run.dir={run.home}/hydra",
            f"hydra.sweep.dir={run.home}/sweep",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_two_point_sweep_over_w_runs_without_plus(run: Run, sft: Path) -> None:
    _main_ppo(run, sft, "--multirun", "iea.w=0.5,0.7", "trainer.save_freq=1")
    for w in (0.5, 0.7):  # in one folder, the second point would resume from the first and train nothing
        assert (run.home / f"user_w{w}/global_step_1/actor/huggingface/model.safetensors").exists()
        assert f'reward_kwargs.w": {w}' in (run.home / f"user_w{w}/run.json").read_text()
    overrides = [path.read_text() for path in sorted((run.home / "sweep").glob("*/.hydra/overrides.yaml"))]
    assert ["iea.w=0.5" in text for text in overrides] == [True, False]
    assert ["iea.w=0.7" in text for text in overrides] == [False, True]

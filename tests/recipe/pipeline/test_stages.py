"""Reuse of finished stages, length of the control; tests/recipe/lane runs the trainers."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from homes import write_checkpoint

from iea.recipe.checkpoints import TRACKER
from iea.recipe.pipeline import demo, run_trainer, stages

QUICK, FULL = stages.SETTINGS["quick"], stages.SETTINGS["full"]


@pytest.fixture
def run(tmp_path: Path) -> stages.Run:
    return stages.Run(tmp_path, QUICK, seed=0)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of the trainers, which are not run; the checkpoint of their last step is there afterwards."""
    commands: list[list[str]] = []

    def run(command: list[str], home: Path, name: str, steps: int, *_: object) -> None:
        commands.append(command)
        write_checkpoint(home / name / f"global_step_{steps}", "" if "sft_trainer" in " ".join(command) else "actor")

    monkeypatch.setattr(run_trainer, "run_trainer", run)
    return commands


def test_settings_differ_in_grpo_alone() -> None:
    assert QUICK.grpo_steps * QUICK.grpo_prompts < FULL.grpo_steps * FULL.grpo_prompts
    same = [{**vars(setting), "name": "", "grpo_steps": 0, "grpo_prompts": 0} for setting in (QUICK, FULL)]
    assert same[0] == same[1]


def test_a_step_makes_four_equal_updates(run: stages.Run, trained: list[list[str]]) -> None:
    stages.train_grpo(run)
    [command] = trained
    assert f"data.train_batch_size={QUICK.grpo_prompts}" in command
    assert f"actor_rollout_ref.actor.ppo_mini_batch_size={QUICK.grpo_prompts / 4:.0f}" in command


def test_a_finished_policy_is_reused(run: stages.Run, trained: list[list[str]]) -> None:
    write_checkpoint(run.home / f"grpo_quick/global_step_{QUICK.grpo_steps}", "actor")
    assert stages.train_grpo(run) == run.grpo
    assert trained == []


def test_a_policy_of_another_setting_is_not_reused(run: stages.Run, trained: list[list[str]]) -> None:
    write_checkpoint(run.home / f"grpo_quick/global_step_{QUICK.grpo_steps}", "actor")
    stages.train_grpo(stages.Run(run.home, FULL, seed=0))
    assert len(trained) == 1


@pytest.mark.parametrize("lost", ["weights", "half of the weights", "tracker"])
def test_a_partly_saved_policy_resumes_training(run: stages.Run, trained: list[list[str]], lost: str) -> None:
    step = write_checkpoint(run.home / f"grpo_quick/global_step_{QUICK.grpo_steps}", "actor")
    weights = run.grpo / "model.safetensors"
    if lost == "weights":
        weights.unlink()
    elif lost == "tracker":
        (step.parent / TRACKER).unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:-8])
    stages.train_grpo(run)
    assert len(trained) == 1


@pytest.mark.parametrize("text", ["", "forty", "20"])
def test_a_stage_with_a_broken_tracker_is_not_trained(run: stages.Run, trained: list[list[str]], text: str) -> None:
    step = write_checkpoint(run.home / f"grpo_quick/global_step_{QUICK.grpo_steps}", "actor")
    (step.parent / TRACKER).write_text(text)
    with pytest.raises(SystemExit, match="must hold the number of a saved step"):
        stages.train_grpo(run)
    assert trained == []


def test_a_trainer_that_saves_no_model_is_an_error(run: stages.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_trainer, "run_trainer", lambda *_: None)
    with pytest.raises(SystemExit, match="does not hold a complete model"):
        stages.train_grpo(run)


def _logged(run: stages.Run) -> None:
    """400 s for 400 SFT steps, 300 s for GRPO."""
    for stage, last, seconds in (("sft", 400, 400), ("grpo_quick", QUICK.grpo_steps, 300)):
        log = run.home / "logs" / stage / f"{10**18}.jsonl"
        log.parent.mkdir(parents=True)
        log.write_text("".join(json.dumps({"step": step, "data": {}}) + "\n" for step in range(1, last + 1)))
        os.utime(log, (10**9 + seconds, 10**9 + seconds))


def test_the_control_takes_the_time_of_grpo(run: stages.Run, trained: list[list[str]]) -> None:
    _logged(run)
    demo.train_control(run, "control_quick")
    [command] = trained
    assert "trainer.total_training_steps=300" in command
    assert "trainer.experiment_name=control_quick" in command


@pytest.mark.parametrize(("already", "resumes"), [(200, True), (300, False), (400, False)])
def test_a_longer_control_resumes_from_a_shorter_one(
    run: stages.Run, trained: list[list[str]], already: int, resumes: bool
) -> None:
    _logged(run)
    shorter = run.home / "control_other"
    write_checkpoint(shorter / f"global_step_{already}")
    demo.train_control(run, "control_quick")
    [command] = trained
    assert (f"trainer.resume_from_path={shorter / f'global_step_{already}'}" in command) == resumes


def test_a_killed_control_resumes_from_its_own_checkpoint(run: stages.Run, trained: list[list[str]]) -> None:
    _logged(run)
    for name, step in (("control_other", 200), ("control_quick", 100)):
        write_checkpoint(run.home / name / f"global_step_{step}")
    demo.train_control(run, "control_quick")
    [command] = trained
    assert not any("resume_from_path" in argument for argument in command)


def test_an_evaluated_control_is_not_trained_again(run: stages.Run, trained: list[list[str]]) -> None:
    out = run.evaluation("control_quick")
    out.parent.mkdir()
    pd.DataFrame({"score": [0.5]}).to_parquet(out)
    demo.evaluate_control(run)
    assert trained == []


def test_models_of_other_inputs_are_not_continued(run: stages.Run) -> None:
    stages.require_same_inputs(run, "first")
    run.model.mkdir()
    stages.require_same_inputs(run, "first")
    with pytest.raises(SystemExit, match="Choose another --home"):
        stages.require_same_inputs(run, "second")


def test_a_run_without_models_accepts_other_inputs(run: stages.Run) -> None:
    stages.require_same_inputs(run, "first")
    stages.require_same_inputs(run, "second")
    assert (run.home / "trained_on.txt").read_text() == "second"

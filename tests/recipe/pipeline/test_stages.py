"""Order, reuse and resumption of the stages; tests/recipe/lane runs the trainers."""

import json
import os
from pathlib import Path

import pytest
from homes import rl_row, write_checkpoint, write_model, write_rows

from iea.recipe.checkpoints import TRACKER
from iea.recipe.hand_over import hand_over, is_handed_over, saved_model
from iea.recipe.pipeline import pipeline, run_trainer
from iea.recipe.pipeline.lane import require_same_inputs
from iea.recipe.pipeline.run import LaneLengths, Run, Setting
from iea.recipe.pipeline.stage import AGAIN, CONTROL, JUDGE, STAGE1, STAGE2, STAGE3, STAGES, named_stages

STEPS = LaneLengths().steps


@pytest.fixture
def run(home: Path) -> Run:
    """The lane's run in a home with rows of all stages; its checkpoints are another matter."""
    (home / "seed-0").mkdir()
    (home / "data").rename(home / "seed-0/data")
    return Run(home)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands of the trainers, which are not run; the checkpoint of their last step is there afterwards."""
    commands: list[list[str]] = []

    def run(command: list[str], home: Path, name: str, steps: int, *_: object) -> None:
        commands.append(command)
        is_sft = "sft_trainer" in " ".join(command)
        write_checkpoint(home / name / f"global_step_{steps}", "" if is_sft else "actor")
        hand_over(home / name)

    monkeypatch.setattr(run_trainer, "run_trainer", run)
    return commands


def save(run: Run, stage: str, step: int, inner: str = "") -> Path:
    return write_checkpoint(run.folder(stage) / f"global_step_{step}", inner)


def test_stages_are_named_by_their_numbers() -> None:
    assert named_stages("2, 1,1") == [STAGE1, STAGE2]
    for wrong in ("", "4", "stage1", "1;2"):
        with pytest.raises(ValueError, match="must be numbers of stages such as 1,2,3"):
            named_stages(wrong)


def test_settings_are_for_one_stage_or_all() -> None:
    assert Setting.read("stage2:iea.w=0.5") == Setting("stage2", "iea.w=0.5")
    assert Setting.read("control:optim.lr=1") == Setting("control", "optim.lr=1")
    assert Setting.read("trainer.logger=[console]") == Setting(None, "trainer.logger=[console]")
    assert Setting.read("iea.judge_model=a:b") == Setting(None, "iea.judge_model=a:b")
    for wrong in ("stage4:iea.w=1", "stage2:iea.w", "iea.w"):
        with pytest.raises(ValueError, match="must be STAGE:KEY=VALUE"):
            Setting.read(wrong)


def test_a_setting_reaches_its_stage_alone(run: Run) -> None:
    asked = Run(run.base, settings=[Setting.read("stage1:data.max_length=77"), Setting.read("trainer.save_freq=7")])
    one, three = (asked.config(stage) for stage in (STAGE1, STAGE3))
    assert (one.data.max_length, one.trainer.save_freq, three.trainer.save_freq) == (77, 7, 7)
    assert three.data.max_length != 77


@pytest.mark.parametrize("scale", ["lane", "paper"])
def test_every_stage_composes_and_starts_from_the_one_before(scale: str, home: Path) -> None:
    run = Run(home, scale)  # type: ignore[arg-type]
    for stage in (*STAGES.values(), AGAIN, CONTROL):
        config = run.config(stage)
        assert config.trainer.default_local_dir == str(run.folder(stage))
        assert config.data.train_files == str(run.data / stage.rows / "train.parquet")
        if stage.start:
            assert config.iea.model == str(run.model(stage.start))


def test_the_paper_has_its_own_lengths_and_a_process_for_each_gpu(home: Path, trained: list[list[str]]) -> None:
    run = Run(home, "paper", settings=[Setting.read("trainer.n_gpus_per_node=4")])
    pipeline.train(run, STAGE3)
    [command] = trained
    assert "--nproc_per_node=4" in command and not any("total_training_steps" in one for one in command)
    config = run.config(STAGE3)
    assert (config.data.train_batch_size, config.trainer.total_epochs) == (64, 2)
    assert run.steps(STAGE3, config) == 1300 // 64 * 2


def test_sft_over_several_nodes_is_left_to_torchrun(home: Path) -> None:
    with pytest.raises(ValueError, match=r"one node here, got trainer.nnodes=2; start torchrun on each node"):
        pipeline.train(Run(home, "paper", settings=[Setting.read("trainer.nnodes=2")]), STAGE1)


def test_summaries_need_the_judge_and_programs_do_not(run: Run) -> None:
    assert not run.judged and "+recipe=[iea_cpu]" in run.overrides(STAGE2)
    write_rows(run.data / "stage2/train.parquet", [rl_row(run.base / "image.png", "iea/summary")] * 20)
    judged = Run(run.base)
    assert judged.judged and "+recipe=[iea_cpu,served_judge_cpu]" in judged.overrides(STAGE2)
    assert judged.config(STAGE2).iea.judge_model == str(run.base / "judge/huggingface")
    other = write_model(run.base / "other")
    assert Run(run.base, judge=str(other)).config(STAGE2).reward.reward_model.model_path == str(other)


def test_a_finished_stage_is_reused(run: Run, trained: list[list[str]]) -> None:
    save(run, "stage2", STEPS["stage2"], "actor")
    assert pipeline.train(run, STAGE2) == run.model("stage2")
    assert trained == [] and is_handed_over(run.folder("stage2"))


@pytest.mark.parametrize("lost", ["weights", "half of the weights", "tracker", "last step"])
def test_a_partly_saved_stage_resumes(run: Run, trained: list[list[str]], lost: str) -> None:
    step = save(run, "stage2", STEPS["stage2"], "actor")
    weights = saved_model(run.folder("stage2"), STEPS["stage2"]) / "model.safetensors"
    if lost == "weights":
        weights.unlink()
    elif lost == "tracker":
        (step.parent / TRACKER).unlink()
    elif lost == "last step":
        save(run, "stage2", STEPS["stage2"] - 1, "actor")
    else:
        weights.write_bytes(weights.read_bytes()[:-8])
    pipeline.train(run, STAGE2)
    assert len(trained) == 1


@pytest.mark.parametrize("text", ["", "forty", "20"])
def test_a_stage_with_a_broken_tracker_is_not_trained(run: Run, trained: list[list[str]], text: str) -> None:
    step = save(run, "stage2", STEPS["stage2"], "actor")
    (step.parent / TRACKER).write_text(text)
    with pytest.raises(SystemExit, match="must hold the number of a saved step"):
        pipeline.train(run, STAGE2)
    assert trained == []


def test_a_trainer_that_saves_no_model_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_trainer, "run_trainer", lambda *_: None)
    with pytest.raises(SystemExit, match="is not the complete model of its last step"):
        pipeline.train(run, STAGE2)


def test_progress_names_what_is_done_and_what_is_next(run: Run) -> None:
    assert pipeline.describe(run, [*STAGES.values()]).endswith("next: stage1")
    save(run, "stage1", STEPS["stage1"])
    save(run, "stage2", 20, "actor")
    lines = pipeline.describe(run, [*STAGES.values()]).splitlines()
    progress = [line.split("  ")[-1].strip() for line in lines[1:]]
    assert lines[1].endswith(f"done, {STEPS['stage1']} steps") and lines[2].endswith("saved step 20, resumes there")
    assert progress[2].endswith("not started") and lines[-1] == "next: stage2"
    assert pipeline.describe(run, [STAGE1]).endswith("next: nothing to train")


def test_a_model_whose_checkpoints_were_removed_is_done(run: Run) -> None:
    write_model(run.model("stage1"))
    assert str(pipeline.state(run, STAGE1)) == "done"


def test_a_stage_without_its_start_is_refused_and_the_fix_named(run: Run) -> None:
    with pytest.raises(
        ValueError, match=r"starts from the model of stage1.*train stage 1 first: iea train --stages 1$"
    ):
        pipeline.refuse_missing_start(run, [STAGE2, STAGE3])
    pipeline.refuse_missing_start(run, [STAGE1, STAGE2])
    save(run, "stage1", STEPS["stage1"])
    pipeline.refuse_missing_start(run, [STAGE2, STAGE3])
    with pytest.raises(ValueError, match=r"--judge: a model must be a folder"):
        pipeline.refuse_missing_start(Run(run.base, judge="/nowhere"), [STAGE1])


def test_rows_of_the_paper_are_not_made_by_the_way(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must exist; make them first: iea data prepare --out"):
        pipeline.prepare(Run(tmp_path, "paper"), [STAGE1])


def test_the_control_takes_the_time_of_grpo(run: Run) -> None:
    """400 s for 400 SFT steps, 300 s for GRPO."""
    for stage, last, seconds in (("stage1", 400, 400), ("stage2", 40, 300)):
        log = run.logs(stage) / f"{10**18}.jsonl"
        log.parent.mkdir(parents=True)
        log.write_text("".join(json.dumps({"step": step, "data": {}}) + "\n" for step in range(1, last + 1)))
        os.utime(log, (10**9 + seconds, 10**9 + seconds))
    assert pipeline.control_steps(run) == 300
    config = run.config(CONTROL, 300)
    assert config.trainer.total_training_steps == 300 and config.iea.model == str(run.model("stage1"))


def test_a_second_grpo_run_has_another_seed_and_folder(run: Run) -> None:
    first, second = run.config(STAGE2), run.config(AGAIN)
    assert first.data.seed != second.data.seed and first.iea.model == second.iea.model
    assert first.trainer.default_local_dir != second.trainer.default_local_dir


def test_the_judge_of_gpus_is_a_stage_too(home: Path, trained: list[list[str]]) -> None:
    run = Run(home, "paper")
    (home / "judge/huggingface/config.json").unlink()
    pipeline.train_judge(run)
    assert len(trained) == 1 and run.config(JUDGE).iea.model == "Qwen/Qwen3-0.6B"
    pipeline.train_judge(run)
    assert len(trained) == 1


def test_models_of_other_inputs_are_not_continued(run: Run) -> None:
    require_same_inputs(run, "first")
    require_same_inputs(run, "second")
    assert (run.home / "trained_on.txt").read_text() == "second"
    run.tiny_model.mkdir()
    require_same_inputs(run, "second")
    with pytest.raises(SystemExit, match="Choose another --home"):
        require_same_inputs(run, "third")

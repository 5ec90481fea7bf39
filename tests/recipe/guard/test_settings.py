"""Settings that would end a run later, or be ignored, end it at the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from homes import start

from iea.recipe import guard

pytestmark = pytest.mark.slow  # the module as a whole

KWARGS = "reward.custom_reward_function.reward_kwargs"
ROUTER = "{backend: router, model: /judge}"


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "null", "true", "many", "'2'"])
@pytest.mark.parametrize(
    "key",
    [
        "trainer.n_gpus_per_node",
        "trainer.nnodes",
        "trainer.total_epochs",
        "data.train_batch_size",
        "data.max_response_length",
        "actor_rollout_ref.rollout.n",
        "actor_rollout_ref.actor.ppo_mini_batch_size",
        "actor_rollout_ref.actor.ulysses_sequence_parallel_size",
        f"{KWARGS}.workers",
    ],
)
def test_a_count_must_be_a_whole_number_above_0(key: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"{key} must be a whole number of at least 1, got "):
        start("iea_cpu", f"{key}={value}")


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ("trainer.total_training_steps=0", "null or a whole number of at least 1"),
        ("trainer.total_training_steps=-5", "null or a whole number of at least 1"),
        ("trainer.save_freq=0", "-1 for never"),
        ("trainer.test_freq=-2", "-1 for never"),
        ("trainer.save_freq=after_each_epoch", "-1 for never"),
        ("trainer.test_freq='20'", "-1 for never"),
        ("data.train_max_samples=after_each_epoch", "-1 for all"),
        ("data.train_max_samples=0", "-1 for all"),
        ("trainer.max_actor_ckpt_to_keep=0", "null or a whole number"),
        ("actor_rollout_ref.actor.optim.lr=0", "a number above 0"),
        ("actor_rollout_ref.actor.optim.lr=nan", "a number above 0"),
        ("actor_rollout_ref.actor.optim.lr=high", "a number above 0"),
        ("actor_rollout_ref.rollout.temperature=inf", "a number above 0"),
        ("actor_rollout_ref.rollout.gpu_memory_utilization=50", "at most 1"),
        (f"{KWARGS}.timeout_s=0", "a number of seconds"),
        (f"{KWARGS}.timeout_s=nan", "a number of seconds"),
        (f"{KWARGS}.timeout_s=1e300", "a number of seconds"),
        ("trainer.v1.sampler.sampler_kwargs.max_fallback_share=50", r"in \[0, 1\]"),
        ("trainer.v1.sampler.sampler_kwargs.max_error_share=-0.1", r"in \[0, 1\]"),
        ("trainer.v1.sampler.sampler_kwargs.poll_seconds=0", "a number above 0"),
    ],
)
def test_a_number_out_of_its_range_ends_the_run(setting: str, rule: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be .*{rule}"):
        start("iea_cpu", setting)


@pytest.mark.parametrize(
    "setting", ["trainer.total_training_steps=0", "trainer.save_freq=0", "data.max_length=0", "optim.lr=-1"]
)
def test_sft_has_the_same_rules(setting: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be"):
        start("iea_sft_cpu", setting)


@pytest.mark.parametrize(
    ("recipe", "settings", "gpus"),
    [
        ("iea", ["trainer.n_gpus_per_node=1"], 1),
        ("iea", ["trainer.n_gpus_per_node=3", "trainer.nnodes=3"], 9),
        ("iea", ["actor_rollout_ref.actor.ulysses_sequence_parallel_size=16"], 8),
        ("iea_sft", ["engine.ulysses_sequence_parallel_size=3"], 8),
        ("iea_judge", ["engine.ulysses_sequence_parallel_size=16"], 8),
    ],
)
def test_sequence_parallel_must_divide_the_gpus(recipe: str, settings: list[str], gpus: int) -> None:
    with pytest.raises(SystemExit, match=f"ulysses_sequence_parallel_size must divide the {gpus} GPUs"):
        start(recipe, *settings)


def test_a_mini_batch_may_not_exceed_the_batch() -> None:
    with pytest.raises(SystemExit, match="at most data.train_batch_size, got 32 and 16"):
        start("iea", "actor_rollout_ref.actor.ppo_mini_batch_size=32")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([f"+{KWARGS}.cpu_procs=0"], "must have keys among .*workers.*got 'cpu_procs'"),
        ([f"+{KWARGS}.timeout=3"], "got 'timeout'"),
        (["+trainer.v1.sampler.sampler_kwargs.max_fallback=1"], "got 'max_fallback'"),
        (["reward.custom_reward_function.name=compute"], "name must be compute_score, got 'compute'"),
        ([f"{KWARGS}.judge={{backend: rooter, model: x}}"], "backend must be one of"),
        ([f"{KWARGS}.judge={{backend: url, model: x}}"], "url must be set"),
        ([f"{KWARGS}.judge={{backend: url, model: x, url: 'http://127.0.0.1:1/v1', decoder: text}}"], "decoder"),
        ([f"{KWARGS}.judge={{backend: url, model: x, url: 'http://127.0.0.1:1/v1', timeout_s: 0}}"], "timeout_s"),
        ([f"{KWARGS}.judge={{backend: actor}}"], "actor must be set"),
        (
            [f"{KWARGS}.judge={{backend: url, model: x, url: 'http://127.0.0.1:1/v1', key_env: NO_KEY}}"],
            "'NO_KEY'.*not set",
        ),
        ([f"{KWARGS}.judge=yes"], "must be the settings of a judge"),
        ([f"{KWARGS}.judge={ROUTER}"], "needs the reward model that verl serves"),
        (
            [f"{KWARGS}.judge={ROUTER}", "reward.reward_model.enable=true", "reward.reward_model.model_path=/other"],
            "must be reward.reward_model.model_path",
        ),
    ],
)
def test_a_reward_or_judge_that_could_not_score_ends_the_run(settings: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        start("iea_cpu", *settings)


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), KeyError("x"), RecursionError(), AssertionError("x")])
@pytest.mark.parametrize("check", ["refuse_ignored_keys", "refuse_bad_inputs", "refuse_other_continuation"])
def test_any_exception_of_any_check_ends_the_run(
    error: Exception, check: str, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(guard, check, broken)
    with pytest.raises(SystemExit, match=f"cannot check the settings: {type(error).__name__}"):
        start("iea_sft_cpu")


@pytest.mark.parametrize(("wanted", "shown"), [("0", False), ("1", True)])
def test_a_traceback_is_printed_on_request_alone(
    wanted: str, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(guard, "refuse_bad_inputs", broken)
    monkeypatch.setenv("HYDRA_FULL_ERROR", wanted)
    with pytest.raises(SystemExit, match="ZeroDivisionError: two lines in broken") as refused:
        start("iea_sft_cpu")
    assert "\n" not in str(refused.value) and ("Traceback" in capsys.readouterr().err) == shown


@pytest.mark.parametrize("value", ["3", "[a]", "{a: 1}"])
def test_the_folder_of_ray_must_be_a_path(value: str) -> None:
    with pytest.raises(SystemExit, match="_temp_dir must be a path"):
        start("iea_cpu", f"+ray_kwargs.ray_init._temp_dir={value}")


@pytest.mark.parametrize("value", ["abc", "1.0", "0", "-1", " ", "", "\u0662"])
@pytest.mark.parametrize("name", ["WORLD_SIZE", "RANK"])
def test_variables_of_torchrun_must_be_numbers(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv(name, value)
    if (name, value) != ("RANK", "0"):
        with pytest.raises(SystemExit, match=f"the environment variable {name} must be a whole number of at least"):
            start("iea_sft_cpu")
    start("iea_cpu")


@pytest.mark.parametrize(("size", "rank"), [("2", "0"), ("4", "1"), ("3", "2")])
def test_grpo_runs_on_ray_and_ignores_torchrun(
    size: str, rank: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", size)
    monkeypatch.setenv("RANK", rank)
    start("iea")
    assert (home / "stage2/run.json").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("trainer", ["main_ppo +recipe=iea_cpu", "sft_trainer +recipe=iea_sft_cpu"])
@pytest.mark.parametrize("lost", [["PWD"], ["PWD", "HOME"]])
def test_recipes_start_without_pwd_and_home(trainer: str, lost: list[str], tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in lost} | {"IEA_HOME": "/x"}
    command = [sys.executable, "-W", "ignore", "-m", *f"verl.trainer.{trainer}".split(), "--cfg", "job", "--resolve"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "default_local_dir: /x/" in done.stdout, done.stderr[-2000:]


@pytest.mark.parametrize("recipe", ["iea_cpu", "iea_sft_cpu", "iea_judge_cpu"])
def test_a_relative_home_ends_the_run(recipe: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)
    monkeypatch.setenv("IEA_HOME", "home")
    with pytest.raises(SystemExit, match="must be an absolute path, got 'home/.*set IEA_HOME"):
        start(recipe)


@pytest.mark.parametrize("key", ["iea.terms.r_use", "iea.w", "trainer.total_epochs"])
def test_a_setting_without_a_value_is_named(key: str) -> None:
    with pytest.raises(SystemExit, match=f"must have a value, got .*{key}|{key} must have a value, got"):
        start("iea_cpu", f"{key}='???'")

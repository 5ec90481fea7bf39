"""A run continues its own checkpoints: another model, other data or other settings are refused, and named."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from homes import composed, rl_row, sft_row, start, write_checkpoint, write_model, write_rows

from iea.recipe.guard.continuation import FILE

pytestmark = pytest.mark.slow  # the module as a whole

CASES = {"iea_cpu": ("stage2", "actor", "stage2"), "iea_sft_cpu": ("stage1", "", "stage1")}
RUN = "a run must continue one with the same model, data and settings"


@pytest.fixture(params=CASES)
def begun(request: pytest.FixtureRequest, home: Path) -> tuple[str, Path]:
    """A recipe whose run has saved step 20, and the run's folder."""
    recipe: str = request.param
    name, inner, _ = CASES[recipe]
    start(recipe)
    write_checkpoint(home / name / "global_step_20", inner)
    return recipe, home / name


def test_the_same_run_is_resumed_and_says_so(begun: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    recipe, folder = begun
    start(recipe)
    assert f"{folder}/global_step_20 of" in (said := capsys.readouterr().out)
    assert "with the same model, data and settings" in said


def test_a_new_run_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start("iea_sft_cpu")
    assert capsys.readouterr().out == f"verl-iea: a new run in {home}/stage1\n"


def test_a_finished_run_says_that_nothing_is_left(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start("iea_cpu")
    write_checkpoint(home / "stage2/global_step_40", "actor")
    start("iea_cpu")
    assert "global_step_40 of 40 steps" in (said := capsys.readouterr().out) and "nothing is left to train" in said


def test_a_finished_sft_is_refused(home: Path) -> None:
    """verl would train one step more than asked."""
    start("iea_sft_cpu")
    write_checkpoint(home / "stage1/global_step_200")
    with pytest.raises(SystemExit, match="must have steps left, .*global_step_200' is the last of 200"):
        start("iea_sft_cpu")


@pytest.mark.parametrize(
    ("recipe", "setting", "shown"),
    [
        ("iea_cpu", "iea.w=0.5", "reward_kwargs.w: nothing -> 0.5"),
        (
            "iea_cpu",
            "iea.terms={r_like: 0.5, r_use_scaled: 0.5}",
            "terms: {'r_like': 0.7, 'r_use_scaled': 0.3, 'r_use': 0} -> {'r_like': 0.5, 'r_use_scaled': 0.5, 'r_use': 0}",
        ),
        ("iea_cpu", "data.train_batch_size=8", "data.train_batch_size: 16 -> 8"),
        ("iea_cpu", "data.seed=2", "data.seed: 1 -> 2"),
        ("iea_cpu", "algorithm.adv_estimator=rloo", "algorithm.adv_estimator: 'grpo' -> 'rloo'"),
        ("iea_cpu", "actor_rollout_ref.rollout.n=4", "rollout.n: 8 -> 4"),
        ("iea_cpu", "actor_rollout_ref.rollout.temperature=0.5", "temperature: 1.0 -> 0.5"),
        ("iea_cpu", "actor_rollout_ref.actor.optim.lr=1e-3", "optim.lr: 0.0001 -> 0.001"),
        ("iea_cpu", "actor_rollout_ref.actor.clip_ratio_high=0.3", "clip_ratio_high: 0.2 -> 0.3"),
        ("iea_cpu", "trainer.total_training_steps=60", "steps: 40 -> 60"),
        ("iea_cpu", "reward.custom_reward_function.path=pkg://json", "custom_reward_function.path"),
        ("iea_sft_cpu", "optim.lr=1", "optim.lr: 0.003 -> 1"),
        ("iea_sft_cpu", "engine.seed=7", "engine.seed: 42 -> 7"),
        ("iea_sft_cpu", "model.override_config.freeze_vision_tower=true", "freeze_vision_tower: False -> True"),
        ("iea_sft_cpu", "data.max_length=512", "data.max_length: 320 -> 512"),
    ],
)
def test_another_setting_is_refused_and_named(recipe: str, setting: str, shown: str, home: Path) -> None:
    name, inner, _ = CASES[recipe]
    start(recipe)
    write_checkpoint(home / name / "global_step_20", inner)
    with pytest.raises(SystemExit, match=RUN) as refused:
        start(recipe, setting)
    assert shown in str(refused.value) and "step 20" in str(refused.value)
    assert all(way in str(refused.value) for way in ("trainer.experiment_name", "iea.accept_changes=true"))


def test_another_model_is_refused(begun: tuple[str, Path], home: Path) -> None:
    recipe, _ = begun
    model = write_model(home / "stage2_model", b"\1" * 64)
    with pytest.raises(SystemExit, match=f"model: .* -> {model}"):
        start(recipe, f"iea.model={model}")


def test_other_weights_in_the_same_folder_are_another_model(begun: tuple[str, Path], home: Path) -> None:
    recipe, _ = begun
    write_model(home / ("stage1/huggingface" if recipe == "iea_cpu" else "tiny_model"), b"\2" * 64)
    with pytest.raises(SystemExit, match=RUN):
        start(recipe)


@pytest.mark.parametrize(
    "name", ["tokenizer.json", "chat_template.jinja", "preprocessor_config.json", "vocab.txt", "spiece.model"]
)
def test_tokens_and_templates_are_part_of_the_model(begun: tuple[str, Path], name: str, home: Path) -> None:
    recipe, _ = begun
    (home / ("stage1/huggingface" if recipe == "iea_cpu" else "tiny_model") / name).write_text("{}")
    with pytest.raises(SystemExit, match=RUN):
        start(recipe)


@pytest.mark.parametrize("change", ["a value", "a row"])
def test_a_changed_file_of_rows_is_refused(begun: tuple[str, Path], change: str, home: Path) -> None:
    recipe, _ = begun
    path = home / f"data/{CASES[recipe][2]}/train.parquet"
    make = rl_row if recipe == "iea_cpu" else sft_row
    rows = [make(home / "image.png") for _ in range(1300 + (change == "a row"))]
    if change == "a value":
        rows[0]["images"][0]["max_pixels"] = 785
    write_rows(path, rows)
    with pytest.raises(SystemExit, match=f"data: {path}"):
        start(recipe)


def test_stage_3_does_not_continue_stage_1(home: Path) -> None:
    start("iea_sft_cpu")
    write_checkpoint(home / "stage1/global_step_100")
    grpo = write_model(home / "stage2_model", b"\1" * 64)
    stage_3 = [f"iea.model={grpo}", *(f"data.{split}_files={home}/data/stage3/{split}.parquet" for split in ("train",))]
    pq.write_table(pq.read_table(home / "data/stage3/train.parquet")[:1000], home / "data/stage3/train.parquet")
    with pytest.raises(SystemExit, match=r"(?s)data: .*stage3.*model: .*stage2_model"):
        start("iea_sft_cpu", *stage_3)
    start("iea_sft_cpu", *stage_3, "trainer.experiment_name=stage3")


@pytest.mark.parametrize(
    "setting",
    [
        "trainer.save_freq=5",
        "trainer.logger=[console]",
        "trainer.project_name=other",
        "reward.custom_reward_function.reward_kwargs.workers=2",
        "reward.custom_reward_function.reward_kwargs.timeout_s=60",
        "actor_rollout_ref.rollout.gpu_memory_utilization=0.3",
        "actor_rollout_ref.actor.ppo_max_token_len_per_gpu=4096",
        "actor_rollout_ref.actor.fsdp_config.param_offload=true",
        "actor_rollout_ref.actor.use_torch_compile=true",
        "data.dataloader_num_workers=2",
    ],
)
def test_settings_of_speed_and_reports_may_change(setting: str, home: Path) -> None:
    start("iea_cpu")
    write_checkpoint(home / "stage2/global_step_20", "actor")
    start("iea_cpu", setting)


def test_a_longer_run_at_a_constant_rate_continues(home: Path) -> None:
    constant = "optim.lr_scheduler_type=constant"
    start("iea_sft_cpu", constant)
    write_checkpoint(home / "stage1/global_step_200")
    start("iea_sft_cpu", constant, "trainer.total_training_steps=300")


def test_accepted_changes_are_the_run_from_then_on(begun: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    recipe, _ = begun
    setting = "iea.w=0.5" if recipe == "iea_cpu" else "optim.lr=1e-3"
    start(recipe, setting, "iea.accept_changes=true")
    assert "with 1 accepted changes" in capsys.readouterr().out
    start(recipe, setting)
    with pytest.raises(SystemExit, match=RUN):
        start(recipe)


@pytest.mark.parametrize("content", [None, "", "[]", "{", "[" * 100_000, '{"settings": 3}'])
def test_a_checkpoint_of_unknown_settings_is_refused(begun: tuple[str, Path], content: str | None) -> None:
    recipe, folder = begun
    (folder / FILE).unlink()
    if content is not None:
        (folder / FILE).write_text(content)
    with pytest.raises(SystemExit, match=RUN):
        start(recipe)


def test_a_run_without_checkpoints_may_be_started_anew(home: Path) -> None:
    start("iea_cpu")
    start("iea_cpu", "iea.w=0.5")
    settings = json.loads((home / "stage2" / FILE).read_text())["settings"]
    assert settings["reward.custom_reward_function.reward_kwargs.w"] == 0.5


def test_other_ranks_compare_and_do_not_write(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    (home / "stage1").mkdir(exist_ok=True)
    start("iea_sft_cpu")
    assert not (home / "stage1" / FILE).exists()


def test_a_moved_home_continues(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start("iea_sft_cpu")
    write_checkpoint(home / "stage1/global_step_20")
    (home.parent / "moved").symlink_to(home)  # the rows name their images by absolute paths
    monkeypatch.setenv("IEA_HOME", str(home.parent / "moved"))
    start("iea_sft_cpu")


@pytest.mark.parametrize("recipe", ["iea", "iea_cpu", "iea_sft", "iea_sft_cpu", "iea_judge", "iea_judge_cpu"])
def test_changes_are_not_accepted_by_default(recipe: str) -> None:
    assert composed(recipe).iea.accept_changes is False

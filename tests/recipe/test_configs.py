"""The recipes, composed with the installed verl, and the guard of their settings."""

from functools import cache
from pathlib import Path

import pytest
from homes import TRAINERS, start
from omegaconf import DictConfig, OmegaConf

from iea.data_prep.mix.mixture import read_mixture
from iea.recipe import guard
from iea.recipe.config import compose_recipe, recipe_names
from iea.recipe.guard import SettingError
from iea.recipe.guard.settings import refuse_ignored_keys, refuse_indivisible_batch, refuse_short_conversation
from iea.reward_fns.weights import DEFAULT_WEIGHTS, Weights, read_weights

LAYERS = {
    "served_judge": "iea",
    "served_judge_cpu": "iea_cpu",
    "no_flash_attn": "iea",
    "no_flash_attn_sft": "iea_sft",
    "two_turns": "iea",
    "two_turns_cpu": "iea_cpu",
}
"""Layer -> a recipe under it: `+recipe=[iea,served_judge]`."""
LAYERED = {**{recipe: recipe for recipe in TRAINERS}, **{f"[{r},{layer}]": r for layer, r in LAYERS.items()}}
"""Value of `+recipe=` -> the recipe in it."""


@cache
def composed(recipe: str, *overrides: str, hydra: bool = True) -> DictConfig:
    """Compose a recipe with its layers; the result is shared and must not be changed."""
    return compose_recipe(TRAINERS[LAYERED[recipe]], [f"+recipe={recipe}", *overrides], hydra=hydra)


def test_every_recipe_is_tested() -> None:
    assert set(recipe_names()) == set(TRAINERS) | set(LAYERS)


@pytest.mark.parametrize("recipe", LAYERED)
def test_recipe_composes_and_resolves(recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IEA_HOME", "/somewhere")
    plain = OmegaConf.to_container(composed(recipe, hydra=False), resolve=True)
    assert plain["iea"]["data"].startswith("/somewhere/")
    assert Path(plain["trainer"]["default_local_dir"]).is_absolute()


@pytest.mark.parametrize("recipe", ["[iea,served_judge]", "[iea_cpu,served_judge_cpu]"])
def test_layer_sends_summaries_to_the_served_judge(recipe: str) -> None:
    reward = composed(recipe, "iea.judge_model=/judge").reward
    assert reward.reward_model.model_path == "/judge"
    judge = reward.custom_reward_function.reward_kwargs.judge
    assert (judge.backend, judge.model) == ("router", "/judge")
    assert reward.reward_model.enable_resource_pool and not reward.reward_model.rollout.free_cache_engine


def test_an_epoch_of_stage_2_has_1834_steps_as_released() -> None:
    mixture = read_mixture("stage2")
    rows = sum(part.count or 0 for part in mixture.parts)
    assert rows // composed("iea").data.train_batch_size == 1834


@pytest.mark.parametrize("recipe", [name for name, plain in LAYERED.items() if plain in ("iea", "iea_cpu")])
def test_prompt_and_answer_fit_the_rollouts_context(recipe: str) -> None:
    config = composed(recipe)
    longest = config.data.max_prompt_length + config.data.max_response_length
    assert longest <= config.actor_rollout_ref.rollout.max_model_len
    assert longest <= config.actor_rollout_ref.actor.ppo_max_token_len_per_gpu


def test_layer_replaces_all_uses_of_flash_attn() -> None:
    grpo = composed("[iea,no_flash_attn]").actor_rollout_ref
    assert {grpo.actor.ulysses_sequence_parallel_size, grpo.ref.ulysses_sequence_parallel_size} == {1}
    for model in (grpo.model, composed("[iea_sft,no_flash_attn_sft]").model):
        assert model.override_config.attn_implementation == "sdpa" and not model.use_remove_padding


@pytest.mark.parametrize("recipe", ["iea", "iea_cpu"])
def test_settings_need_no_plus(recipe: str) -> None:
    overrides = [
        "iea.w=0.5",
        "iea.terms.r_use=0.5",
        "reward.custom_reward_function.reward_kwargs.w=0.5",
        "reward.custom_reward_function.reward_kwargs.timeout_s=3",
        "actor_rollout_ref.model.override_config.attn_implementation=eager",
        "actor_rollout_ref.actor.fsdp_config.mixed_precision.param_dtype=fp32",
        "actor_rollout_ref.rollout.enable_sleep_mode=false",
        "trainer.v1.sampler.sampler_kwargs.poll_seconds=1",
        "ray_kwargs.ray_init.num_gpus=2",
    ]
    config = composed(recipe, *overrides)
    found = [str(OmegaConf.select(config, one.split("=")[0])).lower() for one in overrides]
    assert found == [one.split("=")[1] for one in overrides]


def weights(config: DictConfig) -> Weights:
    given = config.reward.custom_reward_function.reward_kwargs
    return read_weights(given.terms, given.w)


@pytest.mark.parametrize("recipe", ["iea", "iea_cpu"])
def test_weights_reach_the_reward(recipe: str) -> None:
    assert weights(composed(recipe)) == DEFAULT_WEIGHTS
    expected = (("r_like", 0.25), ("r_use", 0.75))
    assert weights(composed(recipe, "iea.w=0.25")) == expected
    assert weights(composed(recipe, "iea.terms={r_like: 0.25, r_use: 0.75, r_use_scaled: 0}")) == expected


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["iea.w=70"], "iea.w must be a number in"),
        (["reward.custom_reward_function.reward_kwargs.w=70"], "iea.w must be a number in"),
        (["iea.terms.r_like=0.8"], "must add up to 1"),
        (
            ["iea.terms={r_like: 0.7, r_use: 0.3}"],
            "must add up to 1, got .*'r_use_scaled': 0.3.*not name: set them too",
        ),
        (["+iea.terms.beauty=0.5"], "must name terms among .*got 'beauty'"),
        (["iea.w=0.5", "iea.terms.r_like=0.6", "iea.terms.r_use_scaled=0.4"], "iea.w must be null"),
        (["iea.terms=0.7"], "must map terms to weights"),
    ],
)
def test_bad_weights_end_the_run_at_the_start(overrides: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        start("iea", *overrides)


def test_weights_of_another_reward_are_not_checked(home: Path) -> None:
    start(
        "iea", "iea.w=70", "reward.custom_reward_function.path=pkg://json", "reward.custom_reward_function.name=loads"
    )


def test_an_error_in_a_check_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: DictConfig) -> None:
        raise KeyError("moved")

    monkeypatch.setattr(guard, "refuse_ignored_keys", broken)
    with pytest.raises(SystemExit, match="cannot check the settings: KeyError: 'moved'"):
        start("iea")


@pytest.mark.parametrize(
    ("override", "wanted"),
    [
        ("custom_reward_function.path=mine.py", "reward.custom_reward_function.path"),
        ("reward_model.enable=true", "reward.reward_model.enable"),
        ("reward_model.model.path=/judge", "reward.reward_model.model_path"),
        ("sandbox_fusion.url=http://sandbox", "reward.sandbox_fusion.url"),
    ],
)
def test_legacy_key_is_rejected_with_the_new_one(override: str, wanted: str) -> None:
    with pytest.raises(SettingError, match=wanted.replace(".", r"\.")):
        refuse_ignored_keys(composed("iea_cpu", override))


@pytest.mark.parametrize("recipe", LAYERED)
def test_recipe_passes_its_own_guard(recipe: str, home: Path) -> None:
    start(recipe)
    assert any(home.glob("*/run.json"))


def test_indivisible_mini_batch_is_rejected() -> None:
    with pytest.raises(SettingError, match="4 x 5 = 20"):
        refuse_indivisible_batch(composed("iea", "actor_rollout_ref.actor.ulysses_sequence_parallel_size=1"))


def test_a_response_too_short_for_two_answers_is_rejected() -> None:
    with pytest.raises(SettingError, match="must hold two answers of iea.answer_length .*got 1024 and 512"):
        refuse_short_conversation(composed("[iea,two_turns]", "data.max_response_length=1024"))
    refuse_short_conversation(composed("iea", "data.max_response_length=1"))


@pytest.mark.lane
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_nine_gpus_give_the_judge_its_own_pool() -> None:
    import ray
    from verl.trainer.ppo.utils import Role
    from verl.trainer.ppo.v1.trainer_sync import PPOTrainerSync

    ray.init("local", num_gpus=9, num_cpus=64, include_dashboard=False, log_to_driver=False)
    try:
        trainer = object.__new__(PPOTrainerSync)
        trainer.config = composed("[iea,served_judge]", hydra=False)
        trainer._init_resource_pool_mgr()
        manager = trainer.resource_pool_manager
        manager.create_resource_pool()
        pools = [manager.get_resource_pool(role) for role in (Role.ActorRolloutRef, Role.RewardModel)]
        granted = [pool.get_placement_groups(device_name="cpu") for pool in pools]  # waits until they are
        assert [len(group.bundle_specs) for groups in granted for group in groups] == [8, 1]
        assert ray.available_resources().get("GPU", 0) == 0
    finally:
        ray.shutdown()

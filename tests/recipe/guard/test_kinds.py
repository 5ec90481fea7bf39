"""A value of another kind than the default's, and an unknown name, end the run at the start."""

from pathlib import Path

import pytest
from homes import start

from iea.recipe.guard.kinds import NAMES

pytestmark = pytest.mark.slow  # the module as a whole

ACTOR, ROLLOUT = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"
FUNCTION, SAMPLER = "reward.custom_reward_function", "trainer.v1.sampler.custom_sampler"


@pytest.mark.parametrize(
    "key", ["iea.accept_changes", "data.shuffle", "trainer.val_before_train", f"{ACTOR}.use_kl_loss"]
)
@pytest.mark.parametrize("value", ["no", "'false'", "0", "null", "[false]"])
def test_true_or_false_must_be_one(key: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"{key} must be true or false, got "):
        start("iea_cpu", f"{key}={value}")


@pytest.mark.parametrize(
    "setting",
    [
        f"{ACTOR}.clip_ratio=x",
        f"{ACTOR}.entropy_coeff=null",
        f"{ACTOR}.optim.weight_decay='0.1'",
        f"{ROLLOUT}.top_p=[1]",
        "trainer.critic_warmup=true",
    ],
)
def test_a_number_stays_a_number(setting: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be a number, got "):
        start("iea_cpu", setting)


@pytest.mark.parametrize(
    "setting",
    [
        *("algorithm=null", "algorithm=3", f"{ACTOR}.optim=null", f"{ACTOR}.checkpoint=null", "ray_kwargs=null"),
        *("ray_kwargs.ray_init=3", "trainer.v1=null", "data.custom_cls=3", f"{ROLLOUT}.agent=null", "reward=null"),
        *("iea=null", "trainer=null", "ray_kwargs.ray_init.runtime_env.env_vars=3"),
    ],
)
def test_a_group_stays_a_group(setting: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be a group of settings, got "):
        start("iea_cpu", setting)


@pytest.mark.parametrize("setting", ["optim=null", "model=null", "checkpoint=null", "engine=x"])
def test_sft_has_groups_too(setting: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be a group of settings, got "):
        start("iea_sft_cpu", setting)


@pytest.mark.parametrize(
    "setting",
    [
        *("data.seed=null", "data.seed=3", "trainer.logger=console", f"{ACTOR}.entropy_coeff=0.5", "data.val_files=[]"),
        *("ray_kwargs.ray_init.num_gpus=null", "trainer.max_actor_ckpt_to_keep=null"),
    ],
)
def test_what_verl_takes_is_left_alone(setting: str, home: Path) -> None:
    start("iea_cpu", setting)


@pytest.mark.parametrize(
    "setting",
    [
        *("algorithm.adv_estimator=grop", "algorithm.adv_estimator=null", f"{ROLLOUT}.name=vlm"),
        *(
            f"{ACTOR}.strategy=fsdp3",
            f"{ACTOR}.optim.lr_scheduler_type=cosin",
            f"{ACTOR}.optim.lr_scheduler_type=[cosine]",
            "trainer.logger=[wandbb]",
        ),
        *("trainer.logger=null", f"{ACTOR}.checkpoint.save_contents=[model,modl]", "data.truncation=x"),
    ],
)
def test_a_name_must_be_one_of_verl(setting: str) -> None:
    with pytest.raises(SystemExit, match=f"{setting.partition('=')[0]} must be among "):
        start("iea_cpu", setting)


@pytest.mark.parametrize("contents", ["[]", "[hf_model]"])
def test_a_checkpoint_must_hold_the_model(contents: str) -> None:
    with pytest.raises(SystemExit, match="save_contents must hold model"):
        start("iea_cpu", f"{ACTOR}.checkpoint.save_contents={contents}")


@pytest.mark.slow
def test_the_names_are_those_of_verl() -> None:
    from verl.trainer.ppo.core_algos import AdvantageEstimator
    from verl.utils.tracking import Tracking

    assert set(NAMES["algorithm.adv_estimator"]) == {one.value for one in AdvantageEstimator}
    assert set(NAMES["trainer.logger"]) == set(Tracking.supported_backend)


@pytest.mark.parametrize("value", ["pkg://iea.reward_fn", "pkg://none.such", "pkg://", "/nowhere/x.py", "x.py", "3"])
@pytest.mark.parametrize("key", [f"{FUNCTION}.path", f"{SAMPLER}.path", "actor_rollout_ref.model.external_lib"])
def test_a_module_must_exist(key: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"{key} must be a module that exists"):
        start("iea_cpu", f"{key}={value}")


@pytest.mark.parametrize("key", [f"{FUNCTION}.path", "actor_rollout_ref.model.external_lib"])
def test_our_reward_and_our_agent_loop_need_their_modules(key: str) -> None:
    with pytest.raises(SystemExit, match=f"{key} must .*got null"):
        start("iea_cpu", f"{key}=null")


@pytest.mark.parametrize("name", ["Nothing", "null", "3"])
def test_a_module_of_ours_must_hold_the_name(name: str) -> None:
    with pytest.raises(SystemExit, match=f"{SAMPLER}.name must be a name in pkg://iea.recipe.hooks.metrics"):
        start("iea_cpu", f"{SAMPLER}.name={name}")

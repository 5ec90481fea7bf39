"""Run verl with overrides up to the validation of its config, and print the estimated memory."""

import hydra
import verl  # noqa: F401  (loads the plugin)
from omegaconf import DictConfig
from verl.trainer.ppo.utils import need_critic, need_reference_policy
from verl.utils.config import omega_conf_to_dataclass, validate_config

from iea.recipe.memory import estimate


@hydra.main(config_path="pkg://verl.trainer.config", config_name="ppo_trainer", version_base=None)
def main(config: DictConfig) -> None:
    assert need_reference_policy(config) and not need_critic(config)
    validate_config(config, use_reference_policy=True, use_critic=False)
    actor = omega_conf_to_dataclass(config.actor_rollout_ref.actor)
    model = config.actor_rollout_ref.model
    actor.validate(config.trainer.n_gpus_per_node, config.data.train_batch_size, model)
    omega_conf_to_dataclass(config.actor_rollout_ref.rollout)
    print(estimate(config))


main()

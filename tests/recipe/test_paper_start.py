"""The paper's config, started by verl itself up to validation, on a machine without a GPU."""

import subprocess
import sys

START = """
import hydra, warnings
warnings.simplefilter("ignore")
import verl
from omegaconf import OmegaConf
from verl.trainer.ppo.utils import need_critic, need_reference_policy
from verl.utils.config import omega_conf_to_dataclass, validate_config
from iea.recipe.memory import estimate

@hydra.main(config_path="pkg://verl.trainer.config", config_name="ppo_trainer", version_base=None)
def main(config):
    assert need_reference_policy(config) and not need_critic(config)
    validate_config(config, use_reference_policy=True, use_critic=False)
    actor = omega_conf_to_dataclass(config.actor_rollout_ref.actor)
    actor.validate(config.trainer.n_gpus_per_node, config.data.train_batch_size, config.actor_rollout_ref.model)
    omega_conf_to_dataclass(config.actor_rollout_ref.rollout)
    print(estimate(config))

main()
"""


def test_papers_config_passes_verls_validation_and_fits_80_gib(tmp_path: object) -> None:
    command = [sys.executable, "-c", START, "+recipe=iea", f"hydra.run.dir={tmp_path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)
    lines = {
        line[:22].strip(): float(line[22:].split()[0]) for line in done.stdout.splitlines() if " GiB " in line
    }
    # the training state stays on the GPU while vLLM generates
    assert lines["GPU, while training"] + lines["GPU, while generating"] < 80
    assert lines["host, a node"] > 0

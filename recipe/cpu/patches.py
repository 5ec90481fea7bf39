"""Patch verl 0.9.1's process groups for device "cpu", which no extension point reaches.

verl/utils/distributed.py:63 and :90 build the backend "cpu:gloo,<device>:<backend>", which torch rejects because it
names "cpu" twice. tests/recipe/cpu/test_patches.py fails as soon as verl has no such fault; then remove this file.
"""

import os
from datetime import timedelta

import torch
import verl.utils.distributed as verl_distributed

upstream_init_ray = verl_distributed.initialize_global_process_group_ray


def apply() -> None:
    """Replace both functions in their module, before other modules of verl import them from there. Idempotent."""
    verl_distributed.initialize_global_process_group = init_process_group
    verl_distributed.initialize_global_process_group_ray = init_process_group_ray


def init_process_group_ray(timeout_second: int | None = None, backend: str | None = None) -> None:
    upstream_init_ray(timeout_second=timeout_second, backend=backend or "gloo")


def init_process_group(timeout_second: int = 36000) -> tuple[int, int, int]:
    torch.distributed.init_process_group(
        backend="gloo", timeout=timedelta(seconds=timeout_second), init_method=os.environ.get("DIST_INIT_METHOD")
    )
    return int(os.environ["LOCAL_RANK"]), int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])

"""Three faults of verl 0.9.1 that no extension point reaches. tests/recipe/test_patches.py says when each can go."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import torch
import verl.utils.distributed as verl_distributed
import verl.utils.tensordict_utils as verl_tensordict

_upstream_init_ray = verl_distributed.initialize_global_process_group_ray
_upstream_fix = verl_tensordict.maybe_fix_3d_position_ids


def apply() -> None:
    """Idempotent; before any verl module that imports these names from their home."""
    verl_distributed.initialize_global_process_group = init_process_group
    verl_distributed.initialize_global_process_group_ray = init_process_group_ray
    verl_tensordict.maybe_fix_3d_position_ids = fix_3d_position_ids


# verl/utils/torch_functional.py:197, the way without flash-attn, takes the logsumexp of one row after another, meant
# for (batch, time, vocabulary); the engines hand it (tokens, vocabulary), so that a batch of 2,600 tokens is 2,600
# calls and as many nodes to go back through: a hundred times slower than the same numbers in one call.
def apply_to_engine() -> None:
    """As `apply`, in the training processes only: the module costs every other process a second of imports."""
    import verl.utils.torch_functional as verl_functional

    verl_functional.logprobs_from_logits_v2 = log_probs_of


def log_probs_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Log-probability of each label: (..., vocabulary) and (...) -> (...)."""
    flat = torch.nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none")
    return -flat.view(labels.shape)


# verl/utils/distributed.py:63 and :90 build "cpu:gloo,<device>:<backend>"; with device "cpu" torch refuses the
# duplicate key, so a bare "gloo" is passed instead.
def init_process_group_ray(timeout_second: int | None = None, backend: str | None = None) -> None:
    _upstream_init_ray(timeout_second=timeout_second, backend=backend or "gloo")


def init_process_group(timeout_second: int = 36000) -> tuple[int, int, int]:
    torch.distributed.init_process_group(
        backend="gloo",
        timeout=timedelta(seconds=timeout_second),
        init_method=os.environ.get("DIST_INIT_METHOD"),
    )
    return int(os.environ["LOCAL_RANK"]), int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


# verl/utils/tensordict_utils.py:915 forces `_ragged_idx = 2` on nested (4, L) position ids. TransferQueue packs them
# with as_nested_tensor, which picks dimension 1 as the ragged one when all L of a batch are equal: the values then
# have the other layout and the batch crashes. Not a CPU matter, but short prompts hit it often. Rebuild instead.
def fix_3d_position_ids(data: Any) -> None:
    ids = data["position_ids"] if "position_ids" in data.keys() else None  # noqa: SIM118  (TensorDict has no `in`)
    if ids is None or ids.dim() != 3 or not ids.is_nested:
        return
    values, count = ids.values(), ids.size(0)
    lengths = set(ids.offsets().diff().tolist())
    if len(lengths) == 1:
        rows = lengths.pop()
        if values.shape[0] == count * rows and values.shape[0] != rows:
            parts = list(values.view(count, rows, values.shape[1]).unbind(0))
            data["position_ids"] = verl_tensordict.nested_tensor_from_tensor_list(parts, ragged_idx=2)
            return
    _upstream_fix(data)

"""Patch two faults of verl 0.9.1 that no extension point reaches, on any device.

tests/recipe/hooks/test_patches.py fails as soon as verl no longer has one of them; then remove its patch.
"""

from typing import Any

import torch
import verl.utils.tensordict_utils as verl_tensordict
import verl.utils.torch_functional as verl_functional

upstream_position_ids = verl_tensordict.maybe_fix_3d_position_ids
upstream_log_probs = verl_functional.logprobs_from_logits_v2


def apply() -> None:
    """Replace both functions in their modules, before other modules of verl import them from there. Idempotent."""
    verl_tensordict.maybe_fix_3d_position_ids = fix_3d_position_ids
    verl_functional.logprobs_from_logits_v2 = log_probs_of


# verl/utils/tensordict_utils.py:915 forces `_ragged_idx = 2` on nested (4, L) position ids. TransferQueue packs them
# with as_nested_tensor, which makes dimension 1 the ragged one if all L of a batch are equal, as those of short prompts
# often are: the values then have the other layout and the batch crashes.
def fix_3d_position_ids(data: Any) -> None:
    """Rebuild nested (4, L) position ids that were packed along the wrong dimension; leave all others to verl."""
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
    upstream_position_ids(data)


# verl/utils/torch_functional.py:197, used without flash-attn, loops over the first dimension, meant for (batch, time,
# vocabulary); the engines pass (tokens, vocabulary). A batch of 2,600 tokens is then 2,600 calls and as many nodes of the
# backward pass: a hundred times slower than one call with the same result.
def log_probs_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Log-probability of each label: (..., vocabulary) and (...) -> (...)."""
    flat = torch.nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none")
    return -flat.view(labels.shape)

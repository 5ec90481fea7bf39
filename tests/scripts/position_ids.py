"""Unpack nested position ids of equal and of different lengths, upstream and with the patch; print the successes."""

from collections.abc import Callable
from typing import Any

import torch
import verl.utils.tensordict_utils as tu

from iea.recipe.hooks import patches


def reads_back(fix: Callable[[Any], None], lengths: list[int]) -> bool:
    rows = [torch.arange(4 * n).view(4, n) for n in lengths]
    equal = len(set(lengths)) == 1
    packed = torch.nested.as_nested_tensor(rows, layout=torch.jagged) if equal else None
    data: dict[str, Any] = {"position_ids": packed if equal else tu.nested_tensor_from_tensor_list(rows, ragged_idx=2)}
    fix(data)
    try:
        return all(torch.equal(a, b) for a, b in zip(data["position_ids"].unbind(0), rows, strict=True))
    except RuntimeError:  # the values do not split into the rows
        return False


print(
    reads_back(patches.upstream_position_ids, [5, 5]),
    reads_back(tu.maybe_fix_3d_position_ids, [5, 5]),  # the plugin has put the patch there
    reads_back(tu.maybe_fix_3d_position_ids, [3, 5]),
)

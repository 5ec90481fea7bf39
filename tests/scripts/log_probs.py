"""Compare upstream's log-probabilities, their gradients and numbers of calls with ours; print the results."""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from verl.utils import torch_functional

from iea.recipe.hooks import patches


class Counting(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    calls = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        Counting.calls += 1
        return func(*args, **(kwargs or {}))


def measured(log_probs: Callable[[Any, Any], Any]) -> tuple[Any, Any, int]:
    logits = (10 * torch.randn(200, 30, generator=torch.Generator().manual_seed(0))).requires_grad_()
    labels = torch.arange(200) % 30
    Counting.calls = 0
    with Counting():
        out = log_probs(logits, labels)
        out.square().sum().backward()
    return out, logits.grad, Counting.calls


slow, quick = measured(patches.upstream_log_probs), measured(torch_functional.logprobs_from_logits_v2)
print(
    torch.allclose(slow[0], quick[0], atol=1e-5),
    torch.allclose(slow[1], quick[1], atol=1e-4),
    slow[2] > 200,
    quick[2] < 40,
)

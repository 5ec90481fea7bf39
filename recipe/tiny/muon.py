"""Combine Muon for the matrices of a model's layers and AdamW for the other parameters into the one optimizer of verl.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) orthogonalizes every update of a matrix; it is not
meant for embeddings, heads and gains. torch's Muon does that in bfloat16, which a processor without instructions for it
emulates: there it takes most of a training step. `FloatMuon` does it in the matrix's own type.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.optim import AdamW, Muon, Optimizer

NOT_LAYERS = ("embed_tokens", "lm_head")  # matrices outside the layers, by transformers' names


class FloatMuon(Muon):  # type: ignore[misc]
    """torch.optim.Muon, with its settings and state, without the conversion to bfloat16.

    Matrices of one shape are orthogonalized together, and outside of FSDP's tensors: for small matrices the call of an
    operation takes longer than its arithmetic, and that of a DTensor several times as long.
    """

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Take one step."""
        loss = closure() if closure else None
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            updates = [self._update(weight, group) for weight in weights]
            for shape in {weight.shape for weight in weights}:
                chosen = [i for i, weight in enumerate(weights) if weight.shape == shape]
                matrices = torch.stack([updates[i] for i in chosen])
                directions = orthogonalized(matrices, group["ns_coefficients"], group["ns_steps"], group["eps"])
                for i, direction in zip(chosen, directions, strict=True):
                    _add(weights[i], direction, group)
        return loss

    def _update(self, weight: torch.Tensor, group: dict[str, Any]) -> torch.Tensor:
        """Move the momentum of a matrix; return the whole matrix to orthogonalize, on every rank."""
        state = self.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight))
        momentum, gradient = own_part(state), own_part(weight.grad)
        momentum.lerp_(gradient, 1 - group["momentum"])
        update = gradient.lerp(momentum, group["momentum"]) if group["nesterov"] else momentum
        if not is_divided(weight):
            return update
        layout = {"shape": weight.shape, "stride": weight.stride()}
        return DTensor.from_local(update, weight.device_mesh, weight.placements, **layout).full_tensor()


def _add(weight: torch.Tensor, direction: torch.Tensor, group: dict[str, Any]) -> None:
    """Decay a matrix, and move it against an orthogonal direction, given whole."""
    rows, columns = weight.shape
    if is_divided(weight):
        direction = own_part(distribute_tensor(direction, weight.device_mesh, weight.placements))
    part = own_part(weight)
    part.mul_(1 - group["lr"] * group["weight_decay"])
    part.add_(direction, alpha=-group["lr"] * math.sqrt(max(1, rows / columns)))


def own_part(tensor: torch.Tensor) -> torch.Tensor:
    """Return this rank's part of a tensor that FSDP divides, which shares its memory; of another tensor, all."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def is_divided(tensor: torch.Tensor) -> bool:
    """Return True if several ranks share a tensor."""
    return isinstance(tensor, DTensor) and tensor.device_mesh.size() > 1


def orthogonalized(
    matrices: torch.Tensor, coefficients: tuple[float, float, float], steps: int, eps: float = 1e-7
) -> torch.Tensor:
    """Move the singular values of matrices (..., rows, columns) near 1 by Newton-Schulz iterations, see `torch.optim.Muon`.

    >>> values = torch.linalg.svdvals(orthogonalized(torch.diag(torch.tensor([3.0, 2.0, 1.0])), (3.4445, -4.775, 2.0315), 5))
    >>> bool((values > 0.5).all() and (values < 1.5).all())
    True
    """
    first, second, third = coefficients
    high = matrices.size(-2) > matrices.size(-1)
    wide = matrices.mT if high else matrices
    wide = wide / wide.norm(dim=(-2, -1), keepdim=True).clamp(min=eps)
    for _ in range(steps):
        gram = wide @ wide.mT
        wide = first * wide + (second * gram + third * (gram @ gram)) @ wide
    return wide.mT if high else wide


class MuonAdamW(Optimizer):  # type: ignore[misc]  # torch is untyped here
    """Muon and AdamW with one list of parameter groups for the scheduler and one state for the checkpoint.

    verl uses it with `optim.optimizer_impl=iea.recipe.tiny.muon` and `optim.optimizer=MuonAdamW`.

    Parameters
    ----------
    named : (name, parameter) of a model
    lr, betas : of AdamW; a schedule scales both learning rates
    weight_decay : of both optimizers
    muon_lr : learning rate of Muon

    Raises
    ------
    ValueError : the model has no layer with a matrix
    """

    def __init__(
        self,
        named: Iterable[tuple[str, torch.Tensor]],
        lr: float,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.999),
        muon_lr: float = 0.02,
    ) -> None:
        matrices: list[torch.Tensor] = []
        rest: list[torch.Tensor] = []
        for name, parameter in named:
            of_layer = parameter.ndim == 2 and not any(part in NOT_LAYERS for part in name.split("."))
            (matrices if of_layer else rest).append(parameter)
        if not matrices:
            raise ValueError(
                f"a model for MuonAdamW must have layers with matrices, got {len(rest)} other parameters; use AdamW"
            )
        self._parts: tuple[Optimizer, ...] = (
            FloatMuon(matrices, lr=muon_lr, weight_decay=weight_decay),
            AdamW(rest, lr=lr, weight_decay=weight_decay, betas=betas),
        )
        super().__init__([group for part in self._parts for group in part.param_groups], {})
        self._share()

    def _share(self) -> None:
        """Share the parameter groups of both optimizers, so that a scheduler's changes reach them."""
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Take one step of both optimizers."""
        loss = closure() if closure else None
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share()

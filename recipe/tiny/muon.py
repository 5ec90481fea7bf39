"""Combine Muon for the matrices of a model's layers and AdamW for the other parameters into the one optimizer of verl.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/) orthogonalizes every update of a matrix; it is not
meant for embeddings, heads and gains.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import AdamW, Muon, Optimizer

NOT_LAYERS = ("embed_tokens", "lm_head")  # matrices outside the layers, by transformers' names


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
            Muon(matrices, lr=muon_lr, weight_decay=weight_decay),
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

"""Muon and AdamW as one optimizer: each updates its part as it would alone; a checkpoint restores both."""

import subprocess
import sys
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from iea.recipe.tiny.muon import FloatMuon, MuonAdamW


class Model(torch.nn.Module):  # type: ignore[misc,name-defined]  # torch is not imported by name
    """Names and shapes as in transformers' models."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed_tokens = torch.nn.Embedding(12, 8)
        self.layer = torch.nn.Linear(8, 8)
        self.lm_head = torch.nn.Linear(8, 12, bias=False)

    def loss(self, seed: int) -> torch.Tensor:
        tokens = torch.randint(12, (16,), generator=torch.Generator().manual_seed(seed))
        hidden = self.embed_tokens(tokens)
        return torch.nn.functional.cross_entropy(self.lm_head(hidden + self.layer(hidden).relu()), tokens.flip(0))


def _optimizer(model: Model) -> MuonAdamW:
    return MuonAdamW(model.named_parameters(), lr=3e-3, weight_decay=0.1, betas=(0.9, 0.99), muon_lr=0.02)


def _steps(model: Model, optimizers: list[torch.optim.Optimizer], seeds: Iterable[int]) -> None:
    for seed in seeds:
        model.loss(seed).backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()


def _same(one: Model, other: Model) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_muon_gets_the_layers_matrices_and_adamw_the_rest() -> None:
    together, apart = Model(), Model()
    rest = [apart.embed_tokens.weight, apart.layer.bias, apart.lm_head.weight]
    muon = FloatMuon([apart.layer.weight], lr=0.02, weight_decay=0.1)
    adamw = torch.optim.AdamW(rest, lr=3e-3, weight_decay=0.1, betas=(0.9, 0.99))
    _steps(together, [_optimizer(together)], range(5))
    _steps(apart, [muon, adamw], range(5))
    assert _same(together, apart)
    assert not _same(together, Model())


@pytest.mark.parametrize("shape", [(8, 8), (24, 8), (8, 24)])
def test_muon_is_torchs_to_the_accuracy_of_bfloat16(shape: tuple[int, int]) -> None:
    torch.manual_seed(1)
    ours, torchs = (torch.nn.Parameter(torch.ones(shape)) for _ in range(2))
    optimizers = [
        kind([one], lr=0.02, weight_decay=0.1) for kind, one in ((FloatMuon, ours), (torch.optim.Muon, torchs))
    ]
    for _ in range(4):
        ours.grad = torch.randn(shape)
        torchs.grad = ours.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    assert (ours - torchs).abs().max() < 0.05 * (ours - 1).abs().max()


@pytest.mark.slow
def test_two_ranks_take_the_step_of_one(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts/muon_on_two_ranks.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=120)
    gradients, shared = torch.load(tmp_path / "result.pt")
    alone = [torch.nn.Parameter(torch.ones_like(gradient)) for gradient in gradients]
    for weight, gradient in zip(alone, gradients, strict=True):
        weight.grad = gradient
    FloatMuon(alone, lr=0.02, weight_decay=0.1).step()
    for one, other in zip(shared, alone, strict=True):
        torch.testing.assert_close(one, other.detach())


def test_a_schedule_scales_both_learning_rates() -> None:
    model = Model()
    optimizer = _optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)
    _steps(model, [optimizer], range(1))
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.01, 1.5e-3])
    before = Model()
    before.load_state_dict(model.state_dict())
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    _steps(model, [optimizer], range(1))
    assert _same(model, before)


def test_a_checkpoint_restores_both_optimizers() -> None:
    through, resumed = Model(), Model()
    optimizer = _optimizer(through)
    _steps(through, [optimizer], range(3))
    resumed.load_state_dict(through.state_dict())
    again = _optimizer(resumed)
    again.load_state_dict(deepcopy(optimizer.state_dict()))
    again.param_groups[0]["lr"] = optimizer.param_groups[0]["lr"] = 0.05  # the groups are still the parts' own
    _steps(through, [optimizer], range(3, 6))
    _steps(resumed, [again], range(3, 6))
    assert _same(through, resumed)


def test_a_model_without_layers_is_rejected() -> None:
    with pytest.raises(ValueError, match="use AdamW"):
        MuonAdamW([("embed_tokens.weight", torch.zeros(3, 3, requires_grad=True))], lr=1e-3)

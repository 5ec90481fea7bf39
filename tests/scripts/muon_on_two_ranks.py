"""Take a step of Muon on matrices that two processes share, of even and uneven parts: python muon_on_two_ranks.py FOLDER"""

import sys

import torch
from torch.distributed.tensor import Shard, distribute_tensor

from iea.recipe.tiny.muon import FloatMuon


def step(rank: int, folder: str) -> None:
    """Take the step; the first process saves the gradients and the matrices, which were ones."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    mesh = torch.distributed.device_mesh.init_device_mesh("cpu", (2,))
    torch.manual_seed(2)
    gradients = [torch.randn(5, 3), torch.randn(4, 8)]
    weights = [torch.nn.Parameter(distribute_tensor(torch.ones_like(one), mesh, [Shard(0)])) for one in gradients]
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = distribute_tensor(gradient, mesh, [Shard(0)])
    FloatMuon(weights, lr=0.02, weight_decay=0.1).step()
    whole = [weight.full_tensor().detach() for weight in weights]
    if rank == 0:
        torch.save((gradients, whole), f"{folder}/result.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    torch.multiprocessing.spawn(step, (sys.argv[1],), nprocs=2)

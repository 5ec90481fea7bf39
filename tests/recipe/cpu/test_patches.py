"""Each monkeypatch still has its upstream fault; when one of these fails, the patch can go."""

import subprocess
import sys

UPSTREAM_POSITION_IDS = """
import warnings; warnings.simplefilter("ignore")
import torch
from tensordict import TensorDict
from verl.utils import tensordict_utils as tu
from iea.recipe.cpu import patches

def batch(lengths):
    rows = [torch.arange(4 * n).view(4, n) for n in lengths]
    ids = torch.nested.as_nested_tensor(rows, layout=torch.jagged) if len(set(lengths)) == 1 else \\
        tu.nested_tensor_from_tensor_list(rows, ragged_idx=2)
    return {"position_ids": ids}, rows

def reads_back(fix, lengths):
    data, rows = batch(lengths)
    fix(data)
    try:
        return all(torch.equal(a, b) for a, b in zip(data["position_ids"].unbind(0), rows, strict=True))
    except Exception:
        return False

upstream = patches._upstream_fix
print(reads_back(upstream, [5, 5]), reads_back(patches.fix_3d_position_ids, [5, 5]),
      reads_back(patches.fix_3d_position_ids, [3, 5]))
"""


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_equal_length_position_ids_break_upstream_and_not_with_the_patch() -> None:
    assert _run(UPSTREAM_POSITION_IDS) == "False True True"


def test_upstream_process_group_names_the_cpu_twice() -> None:
    code = (
        "import warnings; warnings.simplefilter('ignore'); import inspect;"
        "from iea.recipe.cpu import patches; print(inspect.getsource(patches._upstream_init_ray).count('cpu:gloo,'))"
    )
    assert _run(code) == "1"


LOG_PROBS = """
import warnings; warnings.simplefilter("ignore")
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from verl.utils import torch_functional
from iea.recipe.cpu import patches

class Counting(TorchDispatchMode):
    calls = 0
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        Counting.calls += 1
        return func(*args, **(kwargs or {}))

def measured(f):
    logits = (10 * torch.randn(200, 30, generator=torch.Generator().manual_seed(0))).requires_grad_()
    labels = torch.arange(200) % 30
    Counting.calls = 0
    with Counting():
        out = f(logits, labels)
        out.square().sum().backward()
    return out, logits.grad, Counting.calls

slow, quick = measured(torch_functional.logprobs_from_logits_v2), measured(patches.log_probs_of)
print(torch.allclose(slow[0], quick[0], atol=1e-5), torch.allclose(slow[1], quick[1], atol=1e-4),
      slow[2] > 200, quick[2] < 40)
"""


def test_upstream_log_probs_cost_a_call_a_token_and_ours_give_the_same_numbers_in_a_few() -> None:
    assert _run(LOG_PROBS) == "True True True True"

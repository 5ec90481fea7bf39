"""verl's platform for machines without an accelerator (`VERL_PLATFORM=cpu`).

Ray's GPU slots (`ray_init.num_gpus=N`) are logical here: they only count workers.
"""

import os
import resource
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from verl.plugin.platform.platform_base import PlatformBase
from verl.plugin.platform.platform_manager import PlatformRegistry

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_KIB = 1024


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


def _resident_bytes(*_args: Any) -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * _PAGE_BYTES


def _peak_resident_bytes(*_args: Any) -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


def _free_and_total_bytes(*_args: Any) -> tuple[int, int]:
    return os.sysconf("SC_AVPHYS_PAGES") * _PAGE_BYTES, os.sysconf("SC_PHYS_PAGES") * _PAGE_BYTES


DEVICE_FUNCTIONS: dict[str, Any] = {
    "is_available": lambda: False,  # verl then skips its CUDA-only memory paths
    "current_device": lambda: torch.device("cpu"),
    "device_count": lambda: 1,
    "get_device_name": lambda *_: "cpu",
    "mem_get_info": _free_and_total_bytes,
    "memory_allocated": _resident_bytes,
    "memory_reserved": _resident_bytes,
    "max_memory_allocated": _peak_resident_bytes,
    "max_memory_reserved": _peak_resident_bytes,
    "get_rng_state": lambda *_: torch.get_rng_state(),
    "set_rng_state": lambda state, *_: torch.set_rng_state(state),
    **dict.fromkeys(("set_device", "synchronize", "empty_cache", "ipc_collect"), _nothing),
    **dict.fromkeys(("reset_peak_memory_stats", "reset_accumulated_memory_stats"), _nothing),
    "set_per_process_memory_fraction": _nothing,
}
"""The names of `torch.cuda` that verl calls on `get_torch_device()`."""


def _device_module() -> types.ModuleType:
    """Make a module of `torch.cpu` and DEVICE_FUNCTIONS."""
    module = types.ModuleType("iea_cpu_device")
    vars(module).update({name: value for name, value in vars(torch.cpu).items() if not name.startswith("_")})
    vars(module).update(DEVICE_FUNCTIONS)
    return module


@PlatformRegistry.register(platform="cpu")
class PlatformCPU(PlatformBase):  # type: ignore[misc]  # verl is untyped
    """One CPU "device" per process, gloo between processes, weights through shared memory."""

    device_name = vendor_name = "cpu"
    device_module = _device_module()

    def is_available(self) -> bool:
        return True

    def current_device(self) -> torch.device:
        # an argument of Tensor.to() and FSDP(device_id=...), where an int would mean an accelerator's index
        return torch.device("cpu")

    def device_count(self) -> int:
        return 1

    def manual_seed(self, seed: int) -> None:
        torch.manual_seed(seed)

    manual_seed_all = manual_seed

    def get_device_capability(self, device_index: int = 0) -> tuple[None, None]:
        return None, None

    def communication_backend_name(self) -> str:
        return "gloo"

    def visible_devices_envvar(self) -> str:
        return "CUDA_VISIBLE_DEVICES"

    def ray_resource_name(self) -> str:
        return "GPU"

    def ray_noset_envvars(self) -> list[str]:
        return ["RAY_EXPERIMENTAL_NOSET_CUDA_VISIBLE_DEVICES"]

    def is_ipc_supported(self) -> bool:
        return False

    def rollout_env_vars(self) -> dict[str, str]:
        return {
            "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", "1"),  # GiB
            "VLLM_CPU_OMP_THREADS_BIND": os.environ.get("VLLM_CPU_OMP_THREADS_BIND", "nobind"),
        }

    @contextmanager
    def nvtx_range(self, msg: str) -> Iterator[None]:
        yield

    set_device = synchronize = set_allocator_settings = empty_cache = _nothing
    profiler_start = profiler_stop = cudart = _nothing

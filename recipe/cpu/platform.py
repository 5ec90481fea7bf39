"""verl's view of a machine without an accelerator (`VERL_PLATFORM=cpu`).

Ray hands out *logical* GPU slots (`ray_init.num_gpus=N`): they only count workers, no hardware is touched.
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

_KIB = 1024


def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


def _resident_bytes(*_args: Any) -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _peak_resident_bytes(*_args: Any) -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


def _free_and_total_bytes(*_args: Any) -> tuple[int, int]:
    page = os.sysconf("SC_PAGE_SIZE")
    return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page


def _device_module() -> types.ModuleType:
    """`torch.cpu` plus the `torch.cuda` names verl calls on `get_torch_device()`."""
    module = types.ModuleType("iea_cpu_device")
    for name in dir(torch.cpu):
        if not name.startswith("_"):
            setattr(module, name, getattr(torch.cpu, name))
    stand_ins: dict[str, Any] = {
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
    }
    for name in ("set_device", "synchronize", "empty_cache", "ipc_collect", "reset_peak_memory_stats"):
        stand_ins[name] = _nothing
    for name in ("reset_accumulated_memory_stats", "set_per_process_memory_fraction"):
        stand_ins[name] = _nothing
    for name, value in stand_ins.items():
        setattr(module, name, value)
    return module


_DEVICE_MODULE = _device_module()


@PlatformRegistry.register(platform="cpu")
class PlatformCPU(PlatformBase):  # type: ignore[misc]  # verl is untyped
    """One CPU "device" per process, gloo between processes, weights through shared memory."""

    device_name = "cpu"
    vendor_name = "cpu"
    device_module = _DEVICE_MODULE

    def is_available(self) -> bool:
        return True

    def current_device(self) -> torch.device:
        # verl feeds this to Tensor.to() and FSDP(device_id=...): an int would mean an accelerator's index
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

    def set_device(self, device_index: int) -> None:
        return None

    def synchronize(self, device_index: int | None = None) -> None:
        return None

    def set_allocator_settings(self, settings: str) -> None:
        return None

    def empty_cache(self) -> None:
        return None

    def profiler_start(self) -> None:
        return None

    def profiler_stop(self) -> None:
        return None

    def cudart(self) -> None:
        return None

"""verl's vLLM replica with a worker extension that reloads weights into vLLM's CPU layers."""

from typing import Any

import ray
import torch
from verl.workers.rollout.vllm_rollout.vllm_async_server import vLLMHttpServer, vLLMReplica


class VLLMCPUHttpServer(vLLMHttpServer):  # type: ignore[misc]  # verl is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # this process prepares many small images: more threads only wait for each other. vLLM's worker sets its own
        torch.set_num_threads(1)
        super().__init__(*args, **kwargs)

    def _get_worker_extension_cls(self) -> str:
        return "iea.recipe.cpu.vllm_worker.CPUWorkerExtension"


class VLLMCPUReplica(vLLMReplica):  # type: ignore[misc]  # verl is untyped
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server_class = ray.remote(VLLMCPUHttpServer)

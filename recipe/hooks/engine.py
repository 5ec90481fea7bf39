"""Register FSDP2 engines, loaded through `model.external_lib=iea.recipe.hooks.engine`.

They add two features to verl 0.9.1: `freeze_vision_tower`, a config key that verl declares and never reads, and
engines for device "cpu". Set `model.override_config.freeze_vision_tower=true`; verl copies it to the HF config.
"""

from typing import Any

from verl.workers.engine.base import EngineRegistry
from verl.workers.engine.fsdp.transformer_impl import FSDPEngineWithLMHead


class FrozenVisionEngine(FSDPEngineWithLMHead):  # type: ignore[misc]  # verl is untyped
    """Freeze the vision tower and its projector if the model's config sets `freeze_vision_tower`."""

    def _build_module(self) -> Any:
        module = super()._build_module()
        if getattr(module.config, "freeze_vision_tower", False):
            vision = getattr(module, "visual", None) or module.model.visual
            vision.requires_grad_(False)
        return module


@EngineRegistry.register(model_type="language_model", backend=["fsdp", "fsdp2"], device="cuda", vendor="nvidia")
class NvidiaEngine(FrozenVisionEngine):
    """Engine for NVIDIA GPUs; verl prefers it to its own because it is registered for the vendor."""


@EngineRegistry.register(model_type="language_model", backend=["fsdp2"], device="cpu")
class CPUEngine(FrozenVisionEngine):
    """Engine for machines without a GPU."""

    def _build_fsdp_module(self, module: Any) -> Any:
        # verl/workers/engine/fsdp/transformer_impl.py:459 forces offload to pinned memory on forward-only (reference)
        # engines; without a GPU there is no pinned memory
        config = self.engine_config
        if not config.forward_only:
            return super()._build_fsdp_module(module)
        object.__setattr__(config, "forward_only", False)  # the dataclass is frozen
        try:
            return super()._build_fsdp_module(module)
        finally:
            object.__setattr__(config, "forward_only", True)

"""FSDP2 engines, loaded through `model.external_lib=iea.recipe.hooks.engine`.

Two things verl 0.9.1 lacks: `freeze_vision_tower` (its config key is read by nothing), and engines for device "cpu".
Freezing is asked for with `model.override_config.freeze_vision_tower=true`, which verl puts on the HF config.
"""

from __future__ import annotations

from typing import Any

from verl.workers.engine.base import EngineRegistry
from verl.workers.engine.fsdp.transformer_impl import FSDPEngineWithLMHead


class FrozenVisionEngine(FSDPEngineWithLMHead):  # type: ignore[misc]  # verl is untyped
    """Keeps the vision tower and its projector out of training where the model's config says so."""

    def _build_module(self) -> Any:
        module = super()._build_module()
        if getattr(module.config, "freeze_vision_tower", False):
            vision = getattr(module, "visual", None) or module.model.visual
            vision.requires_grad_(False)
        return module


@EngineRegistry.register(
    model_type="language_model", backend=["fsdp", "fsdp2"], device="cuda", vendor="nvidia"
)
class NvidiaEngine(FrozenVisionEngine):
    """Preferred by verl over its own class, because it is registered for the vendor."""


@EngineRegistry.register(model_type="language_model", backend=["fsdp2"], device="cpu")
class CPUEngine(FrozenVisionEngine):
    def _build_fsdp_module(self, module: Any) -> Any:
        # verl/workers/engine/fsdp/transformer_impl.py:459 forces pinned CPU offload on forward-only (reference)
        # engines; there is nothing to pin memory for here, and the parameters are on the CPU already.
        config = self.engine_config
        if not config.forward_only:
            return super()._build_fsdp_module(module)
        object.__setattr__(config, "forward_only", False)  # the dataclass is frozen
        try:
            return super()._build_fsdp_module(module)
        finally:
            object.__setattr__(config, "forward_only", True)

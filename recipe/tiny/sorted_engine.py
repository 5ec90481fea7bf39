"""Register the CPU engine for rows of very different length, loaded through `model.external_lib=iea.recipe.tiny.sorted_engine`."""

from collections.abc import Callable
from typing import Any

from verl.utils import tensordict_utils
from verl.workers.config.optimizer import build_optimizer
from verl.workers.engine.base import EngineRegistry

from iea.recipe.hooks.engine import CPUEngine


@EngineRegistry.register(model_type="language_model", backend=["fsdp2"], device="cpu", vendor="cpu")
class SortedEngine(CPUEngine):
    """Sort a training batch by length before it is split into micro-batches, each padded to its longest row.

    verl's sampler shuffles; without sorting nearly every micro-batch would hold a row of six edits, three times as long
    as most. verl prefers this class to `CPUEngine` because it is registered for the vendor. Its optimizer gets the names
    of the parameters too.
    """

    def _build_optimizer(self, module: Any) -> Any:
        return build_optimizer(module.named_parameters(), self.optimizer_config)

    def forward_backward_batch(self, data: Any, loss_function: Callable[..., Any], forward_only: bool = False) -> Any:
        if not forward_only:  # a forward pass alone returns values in the order of the rows
            order = data["input_ids"].offsets().diff().argsort(stable=True)
            data = tensordict_utils.index_select_tensor_dict(data, order)
        return super().forward_backward_batch(data, loss_function, forward_only)

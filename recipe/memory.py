"""Estimate the GPU and host memory of a GRPO configuration, without a GPU.

Arithmetic over the composed configuration and the model's published sizes. Activations are bounded by dynamic batching
and not estimated.
"""

from dataclasses import dataclass

from omegaconf import DictConfig

from iea.recipe.guard.settings import refuse_bad_numbers, refuse_indivisible_batch

GIB = 2**30
PIXEL_VALUE_BYTES = 24  # per source pixel: float32, 3 channels, two frames (temporal_patch_size)
ADAM_BYTES = 4 + 4 + 8  # fp32 parameter, gradient, two moments
GPU_GIB = 80


@dataclass(frozen=True)
class ModelSize:
    """Sizes of a model that the estimate depends on."""

    parameters: float
    layers: int
    kv_heads: int
    head_dim: int


QWEN25_VL_7B = ModelSize(parameters=8.29e9, layers=28, kv_heads=4, head_dim=128)  # its published config.json


@dataclass(frozen=True)
class Estimate:
    """Memory in GiB, and tokens; `str` gives a line for each."""

    training_state: float
    rollout_budget: float
    kv_cache_tokens: int
    host_reference: float
    host_rollout_images: float

    def __str__(self) -> str:
        state = "parameters, gradients, Adam moments; activations not counted"
        lines = (
            ("GPU, while training", self.training_state, state),
            ("GPU, while generating", self.rollout_budget, f"vLLM; its KV cache holds {self.kv_cache_tokens:,} tokens"),
            ("host, per node", self.host_reference, "reference policy, pinned"),
            ("host, total", self.host_rollout_images, "images of one step's rollouts"),
        )
        return "\n".join(f"{place:22} {gib:6.1f} GiB  {content}" for place, gib, content in lines)


def estimate(config: DictConfig, model: ModelSize = QWEN25_VL_7B, image_px: int = 512 * 512) -> Estimate:
    """Estimate memory of one GRPO step.

    Parameters
    ----------
    config : composed configuration of verl.trainer.main_ppo
    model : sizes of the policy
    image_px : pixels of an image after the processor's cap

    Raises
    ------
    SettingError : a number of the configuration is out of its range, or the GPUs cannot be divided
    """
    refuse_bad_numbers(config)
    refuse_indivisible_batch(config)
    rollout = config.actor_rollout_ref.rollout
    gpus = config.trainer.n_gpus_per_node * config.trainer.nnodes
    shard = model.parameters / gpus
    weights = 2 * model.parameters / rollout.tensor_model_parallel_size / GIB  # bf16
    budget = rollout.gpu_memory_utilization * GPU_GIB
    token_bytes = 2 * model.layers * model.kv_heads * model.head_dim * 2 / rollout.tensor_model_parallel_size
    rollouts = config.data.train_batch_size * rollout.n
    reference = 4 * shard * config.trainer.n_gpus_per_node / GIB if config.actor_rollout_ref.actor.use_kl_loss else 0.0
    return Estimate(
        training_state=ADAM_BYTES * shard / GIB,
        rollout_budget=budget,
        kv_cache_tokens=int(max(0.0, budget - weights) * GIB / token_bytes),
        host_reference=reference,
        host_rollout_images=rollouts * image_px * PIXEL_VALUE_BYTES / GIB,
    )

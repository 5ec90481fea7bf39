"""Estimate the memory of a training step and the disk of a run from its configuration, without a GPU and without a model.

Arithmetic over the composed configuration and the model's published sizes. FSDP2 with fp32 parameters, gradient checkpointing, the
largest micro-batch that the configuration allows:

- state, a share of it on each GPU: parameters 4 B, and of trained ones gradients 4 B and Adam's moments 8 B (Rajbhandari 2020, ZeRO)
- gathered: while one part of the model computes, all of its weights in bf16, its gradients in bf16 and in fp32 before they are
  reduced, 8 B; of layers also the next one's weights, 2 B (verl/utils/fsdp_utils.py:549 shards layers, embedding and head apart)
- checkpoints: the input of every layer, 2 B a value (Chen 2016)
- one layer's recomputation: 20 hidden + 4 key-value + 12 intermediate bytes a token, counted over the saved tensors of
  transformers' Qwen2.5 layer: two norms in fp32 (8 hidden), their results and inputs of the projections (8), queries (2) and the
  attention's result (2), keys and values (4 key-value), the gated MLP with its gradients (12 intermediate)
- logits: with flash-attn's cross-entropy, in bf16, and their gradient (verl/utils/torch_functional.py:77), 4 B; without it, fp32
  copies under autocast: logits 2 + 4, log-softmax 4, gradients 4 + 2 = 16 B

The head and a layer do not compute at once, so the larger of the two counts. Not counted: CUDA's context and the allocator's
fragments, 2 to 4 GiB; the trained vision tower's activations are bounded by RL's images, see `IMAGE_SHARE`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig

from iea.recipe.guard.error import setting
from iea.recipe.guard.settings import refuse_bad_numbers, refuse_indivisible_batch

GIB = 2**30
PIXEL_VALUE_BYTES = 24  # per source pixel: float32, 3 channels, two frames (temporal_patch_size)
WEIGHTS, GRADIENTS, MOMENTS = 4, 4, 8  # bytes per parameter, fp32
GPU_GIB = 80.0
RESERVED_GIB = 3.0  # CUDA's context and fragments
IMAGE_SHARE = 0.5  # of the tokens of a micro-batch: an edit's prompt has 335 of them and about as many of text
PIXEL_VALUES = 3 * 2  # channels, frames
PATCHES = 4  # of the vision tower per token of an image


@dataclass(frozen=True)
class ModelSize:
    """Sizes of a model that the estimate depends on; the vision tower's are 0 for a model of texts."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool = False
    vision_hidden: int = 0
    vision_intermediate: int = 0
    vision_layers: int = 0
    patch_px: int = 14

    @property
    def layer(self) -> int:
        """Parameters of one layer."""
        attention = 2 * self.hidden * self.head_dim * (self.heads + self.kv_heads)
        return attention + 3 * self.hidden * self.intermediate

    @property
    def head(self) -> int:
        """Parameters of the output layer."""
        return self.vocabulary * self.hidden

    @property
    def vision(self) -> int:
        """Parameters of the vision tower and its projector."""
        block = self.vision_hidden * (4 * self.vision_hidden + 3 * self.vision_intermediate)
        merged = PATCHES * self.vision_hidden
        projector = merged * (merged + self.hidden)
        patch = PIXEL_VALUES * self.patch_px**2 * self.vision_hidden
        return self.vision_layers * block + projector + patch if self.vision_layers else 0

    @property
    def parameters(self) -> int:
        return self.head * (1 if self.tied else 2) + self.layers * self.layer + self.vision

    @staticmethod
    def read(folder: Path) -> "ModelSize":
        """Read the sizes from the config.json of a Qwen2.5-VL or Qwen3. Raises ValueError if they are not there."""
        path = folder / "config.json"
        try:
            whole = json.loads(path.read_text(encoding="utf-8"))
            text, vision = whole.get("text_config") or whole, whole.get("vision_config") or {}
            heads, hidden = int(text["num_attention_heads"]), int(text["hidden_size"])
            return ModelSize(
                hidden=hidden,
                intermediate=int(text["intermediate_size"]),
                layers=int(text["num_hidden_layers"]),
                heads=heads,
                kv_heads=int(text["num_key_value_heads"]),
                head_dim=int(text.get("head_dim") or hidden // heads),
                vocabulary=int(text["vocab_size"]),
                tied=bool(whole.get("tie_word_embeddings")),
                vision_hidden=int(vision.get("hidden_size", 0)),
                vision_intermediate=int(vision.get("intermediate_size", 0)),
                vision_layers=int(vision.get("depth", 0)),
                patch_px=int(vision.get("patch_size", 14)),
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ValueError(
                f"{str(path)!r} must hold the sizes of a model: {error!r}; choose another model"
            ) from error


QWEN25_VL_7B = ModelSize(3584, 18944, 28, 28, 4, 128, 152_064, False, 1280, 3420, 32)  # its published config.json
QWEN3_06B = ModelSize(1024, 3072, 28, 16, 8, 128, 151_936, True)  # likewise


@dataclass(frozen=True)
class Estimate:
    """Memory of a step, GiB; `str` gives a line for each place.

    state, gathered, activations, logits : on each GPU while training; of logits and the recomputed layer only the larger counts
    rollout : budget of vLLM on each GPU, beside the state; 0 for SFT
    kv_cache_tokens : that it holds
    host_node : on each node: the reference policy, pinned, or the whole model while it is saved
    host_images : of one step's rollouts, in all nodes together
    checkpoint : on disk, one checkpoint with its model for the next stage
    """

    state: float
    gathered: float
    activations: float
    logits: float
    rollout: float
    kv_cache_tokens: int
    host_node: float
    host_images: float
    checkpoint: float

    @property
    def training(self) -> float:
        """Peak of a GPU in the update."""
        return self.state + self.gathered + self.activations + self.logits + RESERVED_GIB

    @property
    def generating(self) -> float:
        """Peak of a GPU while vLLM generates; the state stays."""
        return self.state + self.rollout + RESERVED_GIB if self.rollout else 0.0

    @property
    def peak(self) -> float:
        """Peak of a GPU."""
        return max(self.training, self.generating)

    def __str__(self) -> str:
        parts = f"state {self.state:.1f}, gathered {self.gathered:.1f}, activations {self.activations:.1f}, logits {self.logits:.1f}"
        lines = [("GPU, while training", self.training, parts)]
        if self.rollout:
            budget = f"state, and {self.rollout:.1f} GiB for vLLM, whose KV cache holds {self.kv_cache_tokens:,} tokens"
            lines.append(("GPU, while generating", self.generating, budget))
        lines.append(("host, per node", self.host_node, "reference policy, pinned; the whole model while it is saved"))
        if self.rollout:
            lines.append(("host, total", self.host_images, "images of one step's rollouts"))
        lines.append(("disk, per checkpoint", self.checkpoint, "parameters, moments, and the model for the next stage"))
        return "\n".join(f"{place:22} {gib:6.1f} GiB  {content}" for place, gib, content in lines)


def estimate(
    config: DictConfig, model: ModelSize = QWEN25_VL_7B, image_px: int = 512 * 512, gpu_gib: float = GPU_GIB
) -> Estimate:
    """Estimate one step of SFT or GRPO.

    Parameters
    ----------
    config : composed configuration of verl.trainer.sft_trainer or main_ppo
    model : sizes of the model
    image_px : pixels of an image after the processor's cap
    gpu_gib : memory of a GPU

    Raises
    ------
    SettingError : a number of the configuration is out of its range, or the GPUs cannot be divided
    """
    refuse_bad_numbers(config)
    if "actor_rollout_ref" in config:
        refuse_indivisible_batch(config)
        return _grpo(config, model, image_px, gpu_gib)
    tokens = setting(config, "data.max_token_len_per_gpu") if config.data.use_dynamic_bsz else None
    return estimate_sft(config, model, int(tokens or config.data.micro_batch_size_per_gpu * config.data.max_length))


def estimate_sft(
    config: DictConfig, model: ModelSize, tokens_per_micro_batch: int, gpus: int | None = None
) -> Estimate:
    """Estimate a step of SFT with micro-batches of so many tokens; `gpus` default to those of the configuration."""
    gpus = gpus or config.trainer.n_gpus_per_node * config.trainer.nnodes
    return _training(config.model, model, tokens_per_micro_batch, gpus)


def _grpo(config: DictConfig, model: ModelSize, image_px: int, gpu_gib: float) -> Estimate:
    actor, rollout, trainer = config.actor_rollout_ref.actor, config.actor_rollout_ref.rollout, config.trainer
    tokens = int(actor.ppo_max_token_len_per_gpu)
    made = _training(config.actor_rollout_ref.model, model, tokens, trainer.n_gpus_per_node * trainer.nnodes)
    weights = 2 * model.parameters / rollout.tensor_model_parallel_size / GIB  # bf16
    budget = rollout.gpu_memory_utilization * gpu_gib
    token_bytes = 2 * model.layers * model.kv_heads * model.head_dim * 2 / rollout.tensor_model_parallel_size
    reference = WEIGHTS * model.parameters / trainer.nnodes / GIB if actor.use_kl_loss else 0.0
    return Estimate(
        **vars(made)
        | {
            "rollout": budget,
            "kv_cache_tokens": int(max(0.0, budget - weights) * GIB / token_bytes),
            "host_node": made.host_node + reference,
            "host_images": config.data.train_batch_size * rollout.n * image_px * PIXEL_VALUE_BYTES / GIB,
        }
    )


def _training(settings: DictConfig, model: ModelSize, tokens: int, gpus: int) -> Estimate:
    """Estimate the update: `settings` are those of the model, `tokens` of a micro-batch on one GPU."""
    frozen = model.vision if setting(settings, "override_config.freeze_vision_tower", False) else 0
    trained = model.parameters - frozen
    state = (WEIGHTS * model.parameters + (GRADIENTS + MOMENTS) * trained) / gpus
    one_layer = tokens * (20 * model.hidden + 4 * model.kv_heads * model.head_dim + 12 * model.intermediate)
    inputs = 2 * model.hidden * model.layers * tokens
    if not settings.enable_gradient_checkpointing:
        inputs, one_layer = 0, model.layers * one_layer
    if not frozen:
        inputs += int(2 * model.vision_hidden * model.vision_layers * tokens * IMAGE_SHARE * PATCHES)
    logits = tokens * model.vocabulary * (4 if setting(settings, "use_remove_padding", False) else 16)
    at_head, at_layer = (8 * model.head, logits, 0), (10 * model.layer, 0, one_layer)
    gathered, logits, one_layer = max(at_head, at_layer, key=sum)
    return Estimate(
        state=state / GIB,
        gathered=gathered / GIB,
        activations=(inputs + one_layer) / GIB,
        logits=logits / GIB,
        rollout=0.0,
        kv_cache_tokens=0,
        host_node=WEIGHTS * model.parameters / GIB,
        host_images=0.0,
        checkpoint=(2 * WEIGHTS * model.parameters + MOMENTS * trained) / GIB,
    )

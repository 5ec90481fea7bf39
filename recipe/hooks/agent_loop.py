"""Extend verl's single-turn agent loop to process an image once per prompt instead of three times per answer.

verl 0.9.1 runs the image processor on every rollout for the prompt (experimental/agent_loop/agent_loop.py:337), for the
score (:981) and for TransferQueue (trainer/ppo/v1/agent_loop_tq.py:188), all in one process. The rollouts of a prompt
share their images, so all but the first are served from a cache.

Loaded through `actor_rollout_ref.model.external_lib=iea.recipe.hooks.agent_loop`. It also registers the engines, since
verl imports one external library.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from cachetools import LRUCache
from verl.experimental.agent_loop.agent_loop import register
from verl.experimental.agent_loop.single_turn_agent_loop import SingleTurnAgentLoop

from iea.recipe.hooks import engine  # noqa: F401  (registers the engines)

NAME = "iea_single_turn"
CACHED_IMAGES = 64  # results kept; 6 MB each at 262,144 pixels


@register(NAME)
class CachedImageLoop(SingleTurnAgentLoop):  # type: ignore[misc]  # verl is untyped
    """Single-turn loop with a caching image processor; verl makes one per rollout, all with the worker's processor."""

    def __init__(self, *args: Any, processor: Any, **kwargs: Any) -> None:
        if processor is not None and not isinstance(processor.image_processor, CachingImageProcessor):
            processor.image_processor = CachingImageProcessor(processor.image_processor)
            # many small images at once: more threads only wait for each other
            torch.set_num_threads(1)
        super().__init__(*args, processor=processor, **kwargs)


class CachingImageProcessor:
    """A Hugging Face image processor with a cache of its last images, keyed by pixels and settings.

    Each image has a key of its own: a conversation that shows one image more repeats those before it.
    """

    def __init__(self, processor: Any, size: int = CACHED_IMAGES) -> None:
        self._processor = processor
        self._cache: LRUCache[str, dict[str, Any]] = LRUCache(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def __call__(self, images: Sequence[Any], **settings: Any) -> Any:
        """Process PIL images. The tensors of a single image are shared between calls and must not be modified."""
        from transformers import BatchFeature

        parts = [self._one(image, settings) for image in images]
        joined = parts[0] if len(parts) == 1 else {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        return BatchFeature(dict(joined))

    def _one(self, image: Any, settings: dict[str, Any]) -> dict[str, Any]:
        key = _digest(image, settings)
        if key not in self._cache:
            self._cache[key] = dict(self._processor(images=[image], **settings))
        return self._cache[key]


def _digest(image: Any, settings: dict[str, Any]) -> str:
    digest = hashlib.sha256(repr(sorted(settings.items())).encode())
    digest.update(f"{image.mode} {image.size}".encode() + image.tobytes())
    return digest.hexdigest()

"""verl's single-turn agent loop, with each photograph made into patches once a prompt instead of three times an answer.

verl 0.9.1 runs the image processor of every rollout for the prompt (experimental/agent_loop/agent_loop.py:337), for the
score (:981) and for TransferQueue (trainer/ppo/v1/agent_loop_tq.py:188), all in one process. The rollouts of a prompt
share the photograph, so all but the first find it done.

Loaded through `actor_rollout_ref.model.external_lib=iea.recipe.hooks.agent_loop`; brings the engines along, since verl imports
one external library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from cachetools import LRUCache
from verl.experimental.agent_loop.agent_loop import register
from verl.experimental.agent_loop.single_turn_agent_loop import SingleTurnAgentLoop

from iea.recipe.hooks import engine  # noqa: F401  (registers the engines)

NAME = "iea_single_turn"
PHOTOGRAPHS = 32  # remembered at once; at 262,144 pixels 6 MB each


@register(NAME)
class SharedPhotographLoop(SingleTurnAgentLoop):  # type: ignore[misc]  # verl is untyped
    """verl makes one for every rollout, all with the worker's processor."""

    def __init__(self, *args: Any, processor: Any, **kwargs: Any) -> None:
        if processor is not None and not isinstance(processor.image_processor, RememberingImageProcessor):
            processor.image_processor = RememberingImageProcessor(processor.image_processor)
            # many rollouts at once: threads within one small picture only wait for each other
            torch.set_num_threads(1)
        super().__init__(*args, processor=processor, **kwargs)


class RememberingImageProcessor:
    """A Hugging Face image processor that knows the last photographs it was given by their pixels."""

    def __init__(self, processor: Any, photographs: int = PHOTOGRAPHS) -> None:
        self._processor = processor
        self._known: LRUCache[str, dict[str, Any]] = LRUCache(photographs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def __call__(self, images: Sequence[Any], **settings: Any) -> Any:
        """What the processor returns for these PIL pictures; its tensors are shared, so they must not be written to."""
        key = _digest(images, settings)
        if key not in self._known:
            self._known[key] = dict(self._processor(images=images, **settings))
        from transformers import BatchFeature

        return BatchFeature(dict(self._known[key]))


def _digest(images: Sequence[Any], settings: dict[str, Any]) -> str:
    digest = hashlib.sha256(repr(sorted(settings.items())).encode())
    for image in images:
        digest.update(f"{image.mode} {image.size}".encode() + image.tobytes())
    return digest.hexdigest()

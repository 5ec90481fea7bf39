"""Puts the reward's components into the training metrics, per data source.

verl 0.9.1 logs them for validation only: the trainer's `_compute_metrics` never reads a rollout's
`reward_extra_info`. The supported hook is a custom sampler (`trainer.v1.sampler.custom_sampler`): the dict that
`sample()` returns is merged into the step's metrics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import transfer_queue as tq
from verl.trainer.ppo.v1.replay_buffer import ReplayBuffer

PREFIX = "reward"


class RewardMetricsBuffer(ReplayBuffer):  # type: ignore[misc]  # verl is untyped
    """verl's synchronous replay buffer, which also reports `reward/{data_source}/{component}`.

    `trainer.v1.sampler.sampler_kwargs.poll_seconds` replaces the upstream polling interval of 2 s, which is longer
    than a whole step of a tiny model.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.poll_interval: float = (kwargs.get("sampler_kwargs") or {}).get("poll_seconds", 2.0)

    def sample(self, global_steps: int, partition_id: str, batch_size: int) -> tuple[Any, dict[str, Any]]:
        batch, metrics = super().sample(
            global_steps=global_steps, partition_id=partition_id, batch_size=batch_size
        )
        if partition_id == "train":
            metrics.update(_components(batch))
        return batch, metrics


def _components(batch: Any) -> dict[str, float]:
    fields = tq.kv_batch_get(
        keys=batch.keys, partition_id=batch.partition_id, select_fields=["extra_fields", "data_source"]
    )
    extras = [getattr(value, "data", value) for value in fields["extra_fields"]]
    sources = [str(getattr(value, "data", value)) for value in fields["data_source"]]
    return component_means(
        zip(sources, (extra.get("reward_extra_info", {}) for extra in extras), strict=True)
    )


def component_means(rollouts: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, float]:
    """Mean of every numeric reward component, by data source.

    Parameters
    ----------
    rollouts : (data source, what the reward returned besides its score), one per rollout
    """
    values: dict[str, list[float]] = defaultdict(list)
    for source, components in rollouts:
        for name, value in components.items():
            if isinstance(value, int | float | np.number):
                values[f"{PREFIX}/{source}/{name}"].append(float(value))
    return {name: float(np.mean(numbers)) for name, numbers in values.items()}

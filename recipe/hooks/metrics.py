"""Add the reward's components to the training metrics, per data source, and mask the groups with unscored answers.

verl 0.9.1 logs the components (`reward_extra_info`) for validation only. The supported hook is a custom sampler
(`trainer.v1.sampler.custom_sampler`): the dict that `sample()` returns is merged into the step's metrics. It also gets
whole groups before any advantage is computed.
"""

from typing import Any

import transfer_queue as tq
from verl.trainer.ppo.v1.replay_buffer import ReplayBuffer

from iea.recipe.hooks.fallback import MAX_ERRORS, MAX_SHARE, FallbackLimit, Rollout, mask_groups
from iea.recipe.hooks.watch import StallWatch
from iea.reward_fns.means import component_means

PREFIX = "reward"
MASKED = f"{PREFIX}/masked_groups"  # share of the step's groups that are masked


class RewardMetricsBuffer(ReplayBuffer):  # type: ignore[misc]  # verl is untyped
    """verl's synchronous replay buffer that also reports `reward/{data_source}/{component}`, and watches its processes.

    Of `trainer.v1.sampler.sampler_kwargs`: `poll_seconds` replaces upstream's polling interval of 2 s, which is longer
    than a whole step of a tiny model; for `max_fallback_share` and `max_error_share` see
    `iea.recipe.hooks.fallback.FallbackLimit`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = kwargs.get("sampler_kwargs") or {}
        self.poll_interval: float = given.get("poll_seconds", 2.0)
        self._limit = FallbackLimit(
            given.get("max_fallback_share", MAX_SHARE), given.get("max_error_share", MAX_ERRORS)
        )
        self._watch = StallWatch()

    def _wait_for_next_poll(self, partition_id: str, last_debug_time: float) -> float:
        states = (self.pending_keys, self.running_keys, self.finished_keys, self.failure_keys)
        sizes = (len(state[partition_id]) for state in states)
        self._watch.check((partition_id, len(self.partitions[partition_id]), *sizes))
        last: float = super()._wait_for_next_poll(partition_id, last_debug_time)
        return last

    def sample(self, global_steps: int, partition_id: str, batch_size: int) -> tuple[Any, dict[str, Any]]:
        batch, metrics = super().sample(global_steps=global_steps, partition_id=partition_id, batch_size=batch_size)
        if partition_id == "train":
            rollouts = read_rollouts(batch)
            self._limit.check(rollouts)
            means = component_means((rollout.source, rollout.components) for rollout in rollouts)
            metrics.update({f"{PREFIX}/{name}": value for name, value in means.items()})
            metrics[MASKED] = mask_groups(rollouts, batch.partition_id)
        return batch, metrics


def read_rollouts(batch: Any) -> list[Rollout]:
    """Read the components and data sources of a batch (a KVBatchMeta) from TransferQueue."""
    fields = tq.kv_batch_get(
        keys=batch.keys, partition_id=batch.partition_id, select_fields=["extra_fields", "data_source"]
    )
    extras = [getattr(value, "data", value) for value in fields["extra_fields"]]
    sources = [str(getattr(value, "data", value)) for value in fields["data_source"]]
    return [
        Rollout(key, source, extra.get("reward_extra_info", {}))
        for key, source, extra in zip(batch.keys, sources, extras, strict=True)
    ]

"""What the trainer does about answers that could not be scored, through no fault of theirs.

GRPO compares the answers to one prompt. A made-up score among real ones would teach that its answer was better or worse
than the others; so all answers of such a group get the score 0, hence the advantage 0, and the step learns from the
other groups. Where most judged answers come to that, the run stops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transfer_queue as tq
from tensordict import TensorDict

STEPS = 3  # with judged answers that are looked back on: an outage of a step or two is no reason to stop
MAX_SHARE = 0.5
UNSCORED = ("fallback", "error")


@dataclass(frozen=True)
class Rollout:
    """One answer in TransferQueue: its key, its row's data source, what the reward returned besides its score."""

    key: str
    source: str
    components: Mapping[str, Any]

    @property
    def group(self) -> str:
        """The uid of its prompt. Keys are `{uid}_{session}_{index}`, see verl's replay buffer."""
        return self.key.split("_")[0]


def neutralise(rollouts: Sequence[Rollout], partition_id: str) -> float:
    """Give all answers of every group with an unscored one the score 0, in TransferQueue.

    Returns
    -------
    share of the groups that this befell, in [0, 1]
    """
    groups = {rollout.group for rollout in rollouts}
    spoilt = {rollout.group for rollout in rollouts if any(map(rollout.components.get, UNSCORED))}
    keys = [rollout.key for rollout in rollouts if rollout.group in spoilt]
    if keys:
        scores = tq.kv_batch_get(keys=keys, partition_id=partition_id, select_fields=["rm_scores"])[
            "rm_scores"
        ]
        zeros = TensorDict({"rm_scores": torch.zeros_like(scores)}, batch_size=len(keys))
        tq.kv_batch_put(keys=keys, partition_id=partition_id, fields=zeros)
    return len(spoilt) / max(len(groups), 1)


class FallbackLimit:
    """Stops a run that has lost its judge.

    Parameters
    ----------
    max_share : of the judged answers of the last `STEPS` steps that had any, the share in [0, 1] that may be fallbacks
    """

    def __init__(self, max_share: float = MAX_SHARE) -> None:
        if not 0 <= max_share <= 1:
            raise ValueError(
                f"max_fallback_share must be in [0, 1], got {max_share!r}; 1 never stops the run"
            )
        self._max_share = max_share
        self._steps: deque[tuple[int, int]] = deque(maxlen=STEPS)  # fallbacks, judged answers

    def check(self, rollouts: Sequence[Rollout]) -> None:
        """Take in a step. Raises RuntimeError where too many answers had to do without the judge."""
        asked = [rollout.components for rollout in rollouts if _was_for_the_judge(rollout.components)]
        if not asked:
            return
        self._steps.append((sum(bool(components["fallback"]) for components in asked), len(asked)))
        fallbacks, judged = map(sum, zip(*self._steps, strict=True))
        if len(self._steps) == STEPS and fallbacks > self._max_share * judged:
            raise RuntimeError(
                f"at most {self._max_share:.0%} of the judged answers of the last {STEPS} steps may lack the judge's "
                f"score, got {fallbacks} of {judged}: the judge is down, too slow or answers nonsense, see the reward "
                "workers' warnings. Mend it and start again, the run resumes from its last checkpoint; or raise "
                "trainer.v1.sampler.sampler_kwargs.max_fallback_share"
            )


def _was_for_the_judge(components: Mapping[str, Any]) -> bool:
    """Asked or spared by the circuit breaker; not what was settled without it."""
    return bool(components.get("judge_ms") or components.get("fallback"))

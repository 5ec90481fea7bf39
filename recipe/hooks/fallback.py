"""Mask the groups with unscored answers in training, and stop a run that has lost its judge.

An answer is unscored if the judge was unavailable (`fallback`) or the reward failed (`error`). GRPO compares the answers
to one prompt: a fallback among real scores would train the policy towards or away from that answer. All answers of such
a group therefore get the score 0, which makes their advantages 0, and the step is trained on the other groups.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transfer_queue as tq
from tensordict import TensorDict

STEPS = 3  # recent steps with judged answers that count: an outage of one or two steps must not stop the run
MAX_SHARE = 0.5
UNSCORED = ("fallback", "error")


@dataclass(frozen=True)
class Rollout:
    """One answer in TransferQueue.

    key : its key in verl's replay buffer, `{uid}_{session}_{index}`
    source : data source of its row
    components : the reward's components, name -> value
    """

    key: str
    source: str
    components: Mapping[str, Any]

    @property
    def group(self) -> str:
        """The uid of its prompt."""
        return self.key.split("_")[0]


def mask_groups(rollouts: Sequence[Rollout], partition_id: str) -> float:
    """Set the scores of every group with an unscored answer to 0 in TransferQueue; return the share of such groups."""
    groups = {rollout.group for rollout in rollouts}
    masked = {rollout.group for rollout in rollouts if any(map(rollout.components.get, UNSCORED))}
    keys = [rollout.key for rollout in rollouts if rollout.group in masked]
    if keys:
        scores = tq.kv_batch_get(keys=keys, partition_id=partition_id, select_fields=["rm_scores"])["rm_scores"]
        zeros = TensorDict({"rm_scores": torch.zeros_like(scores)}, batch_size=len(keys))
        tq.kv_batch_put(keys=keys, partition_id=partition_id, fields=zeros)
    return len(masked) / max(len(groups), 1)


class FallbackLimit:
    """Stop a run whose judge is unavailable for most answers.

    Parameters
    ----------
    max_share : largest allowed share of fallbacks, in [0, 1], among the judged answers of the last `STEPS` steps with
        judged answers

    Raises
    ------
    ValueError : `max_share` is outside its range
    """

    def __init__(self, max_share: float = MAX_SHARE) -> None:
        if not 0 <= max_share <= 1:
            raise ValueError(f"max_fallback_share must be in [0, 1], got {max_share!r}; 1 never stops the run")
        self._max_share = max_share
        self._steps: deque[tuple[int, int]] = deque(maxlen=STEPS)  # fallbacks, judged answers

    def check(self, rollouts: Sequence[Rollout]) -> None:
        """Add the answers of one step. Raises RuntimeError if the share of fallbacks exceeds the limit."""
        # an answer whose score a check decided has neither: the judge was not asked
        fallen_back = [
            bool(rollout.components["fallback"])
            for rollout in rollouts
            if rollout.components.get("judge_ms") or rollout.components.get("fallback")
        ]
        if not fallen_back:
            return
        self._steps.append((sum(fallen_back), len(fallen_back)))
        fallbacks, judged = map(sum, zip(*self._steps, strict=True))
        if len(self._steps) == STEPS and fallbacks > self._max_share * judged:
            raise RuntimeError(
                f"at most {self._max_share:.0%} of the judged answers of the last {STEPS} steps may lack the judge's "
                f"score, got {fallbacks} of {judged}: the judge is down, too slow or answers nonsense, see the reward "
                "workers' warnings. Fix the judge and run the same command again, which resumes from the last "
                "checkpoint; or raise trainer.v1.sampler.sampler_kwargs.max_fallback_share"
            )

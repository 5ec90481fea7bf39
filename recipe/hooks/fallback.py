"""Mask the groups with unscored answers in training, and stop a run that has lost its judge or its images.

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

STEPS = 3  # recent steps that count: an outage of one or two steps must not stop the run
MAX_SHARE = 0.5
MAX_ERRORS = 0.5
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


class _Share:
    """The share of some answers among those that count, over the last `STEPS` steps with such answers."""

    def __init__(self, key: str, limit: float) -> None:
        if not 0 <= limit <= 1:
            raise ValueError(f"{key} must be in [0, 1], got {limit!r}; 1 never stops the run")
        self.limit = limit
        self._steps: deque[tuple[int, int]] = deque(maxlen=STEPS)  # such answers, all that count

    def exceeded(self, answers: Sequence[bool]) -> tuple[int, int] | None:
        """Add the answers of a step; return the sums over the steps if they exceed the limit."""
        if not answers:
            return None
        self._steps.append((sum(answers), len(answers)))
        such, counted = map(sum, zip(*self._steps, strict=True))
        return (such, counted) if len(self._steps) == STEPS and such > self.limit * counted else None


class FallbackLimit:
    """Stop a run in which most answers cannot be scored: the judge is unavailable, or the reward fails.

    Parameters
    ----------
    max_share : largest allowed share of fallbacks, in [0, 1], among the judged answers of the last `STEPS` steps with
        judged answers
    max_errors : largest allowed share of errors, in [0, 1], among all answers of the last `STEPS` steps

    Raises
    ------
    ValueError : a share is outside its range
    """

    def __init__(self, max_share: float = MAX_SHARE, max_errors: float = MAX_ERRORS) -> None:
        self._fallbacks = _Share("max_fallback_share", max_share)
        self._errors = _Share("max_error_share", max_errors)

    def check(self, rollouts: Sequence[Rollout]) -> None:
        """Add the answers of one step. Raises RuntimeError if the share of fallbacks or of errors exceeds its limit."""
        # an answer whose score a check decided has neither: the judge was not asked
        judged = [
            one.components for one in rollouts if one.components.get("judge_ms") or one.components.get("fallback")
        ]
        if found := self._fallbacks.exceeded([bool(components["fallback"]) for components in judged]):
            raise RuntimeError(
                f"at most {self._fallbacks.limit:.0%} of the judged answers of the last {STEPS} steps may lack the judge's "
                f"score, got {found[0]} of {found[1]}: the judge is down, too slow or answers nonsense, see the reward "
                "workers' warnings. Fix the judge and run the same command again, which resumes from the last "
                "checkpoint; or raise trainer.v1.sampler.sampler_kwargs.max_fallback_share"
            )
        if found := self._errors.exceeded([bool(rollout.components.get("error")) for rollout in rollouts]):
            raise RuntimeError(
                f"at most {self._errors.limit:.0%} of the answers of the last {STEPS} steps may have no score because of an "
                f"error, got {found[0]} of {found[1]}: images are missing or unreadable, answers take too long, or "
                "summaries have no judge, see the reward workers' errors. Correct that and run the same command again, which "
                "resumes from the last checkpoint; or raise trainer.v1.sampler.sampler_kwargs.max_error_share"
            )

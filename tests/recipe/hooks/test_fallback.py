"""Groups with unscored answers are masked, and a run without its judge stops."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

pytest.importorskip("transfer_queue", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # verl's and Ray's own

JUDGED = {"score": 0.7, "fallback": 0.0, "judge_ms": 5.0}
FALLBACK = {"score": 0.0, "fallback": 1.0, "judge_ms": 0.0}
REJECTED = {"score": -1.0, "fallback": 0.0, "judge_ms": 0.0}


def step(*components: dict[str, float]) -> Sequence[Any]:
    from iea.recipe.hooks.fallback import Rollout

    return [Rollout(f"uid{number}_0_0", "iea/summary", component) for number, component in enumerate(components)]


def test_a_run_without_its_judge_stops_with_a_remedy() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit(0.5)
    for _ in range(2):
        limit.check(step(FALLBACK, FALLBACK))
    with pytest.raises(RuntimeError, match=r"at most 50%.*last 3 steps.*got 6 of 6.*max_fallback_share"):
        limit.check(step(FALLBACK, FALLBACK))


def test_a_share_equal_to_the_limit_is_allowed() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit(0.5)
    for _ in range(10):
        limit.check(step(FALLBACK, JUDGED))
    with pytest.raises(RuntimeError, match="got 4 of 7"):
        limit.check(step(FALLBACK, FALLBACK, JUDGED))


def test_a_short_outage_does_not_stop_the_run() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit(0.5)
    for _ in range(3):
        limit.check(step(FALLBACK, FALLBACK))
        limit.check(step(JUDGED, JUDGED))
        limit.check(step(JUDGED, JUDGED))


def test_answers_decided_by_a_check_do_not_count() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit(0.5)
    limit.check(step(FALLBACK, FALLBACK, *[REJECTED] * 100))
    for _ in range(5):
        limit.check(step(REJECTED))
    limit.check(step(FALLBACK, FALLBACK))
    with pytest.raises(RuntimeError, match="got 6 of 6"):
        limit.check(step(FALLBACK, FALLBACK))


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_rejected(share: float) -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    with pytest.raises(ValueError, match=r"max_fallback_share must be in \[0, 1\]"):
        FallbackLimit(share)


def test_a_run_whose_answers_are_errors_stops_with_a_remedy() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit, error, scored = FallbackLimit(), {"error": 1.0}, {"error": 0.0}
    for _ in range(3):
        limit.check(step(error, scored))
    with pytest.raises(RuntimeError, match=r"at most 50%.*last 3 steps.*got 4 of 6.*max_error_share"):
        limit.check(step(error, error))


def test_errors_of_one_step_do_not_stop_the_run() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit()
    for answers in ([{"error": 1.0}] * 4, [{}] * 4, [{}] * 4, [{"error": 1.0}] * 4):
        limit.check(step(*answers))


def test_a_limit_of_one_never_stops() -> None:
    from iea.recipe.hooks.fallback import FallbackLimit

    limit = FallbackLimit(1)
    for _ in range(5):
        limit.check(step(FALLBACK))


@pytest.fixture(scope="module")
def queue() -> Iterator[Any]:
    """A real TransferQueue on a real, local Ray."""
    import ray
    import transfer_queue as tq
    from omegaconf import OmegaConf

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    tq.init(OmegaConf.create({"backend": {"SimpleStorage": {"num_data_storage_units": 1}}}))
    yield tq
    tq.close()
    ray.shutdown()


def put(queue: Any, partition_id: str, unscored: dict[str, dict[str, float]]) -> Any:
    """Store three prompts with three rollouts each, of 1 to 4 tokens, like verl's agent loop."""
    import torch
    from tensordict import TensorDict
    from tensordict.tensorclass import NonTensorStack

    keys = [f"{uid}_{session}_0" for uid in ("a", "b", "c") for session in range(3)]
    components = [JUDGED | {"error": 0.0} | unscored.get(key, {}) for key in keys]
    scores = [torch.tensor([0.0] * (number % 4) + [number + 1.0]) for number in range(9)]
    fields = {
        "rm_scores": torch.nested.as_nested_tensor(scores, layout=torch.jagged),
        "extra_fields": NonTensorStack(*[{"reward_extra_info": values} for values in components]),
        "data_source": NonTensorStack(*["iea/summary"] * 9),
    }
    queue.kv_batch_put(
        keys=[*"abc"],
        partition_id=partition_id,
        tags=[{"is_prompt": True, "status": "finished", "global_steps": 1}] * 3,
    )
    return queue.kv_batch_put(
        keys=keys, partition_id=partition_id, fields=TensorDict(fields, batch_size=9), tags=[{"status": "success"}] * 9
    )


def rewards(queue: Any, partition_id: str, keys: Sequence[str]) -> list[float]:
    fields = queue.kv_batch_get(keys=list(keys), partition_id=partition_id, select_fields=["rm_scores"])
    return [float(scores.sum()) for scores in fields["rm_scores"]]


@pytest.mark.lane
@pytest.mark.parametrize("fault", ["fallback", "error"])
def test_a_group_with_one_unscored_answer_has_no_advantage(queue: Any, fault: str) -> None:
    import numpy as np
    import torch
    from verl.trainer.ppo.core_algos import compute_grpo_outcome_advantage

    from iea.recipe.hooks.fallback import mask_groups
    from iea.recipe.hooks.metrics import read_rollouts

    batch = put(queue, fault, {"b_1_0": {fault: 1.0}})
    rollouts = read_rollouts(batch)
    assert mask_groups(rollouts, fault) == pytest.approx(1 / 3)
    scores = rewards(queue, fault, batch.keys)
    assert scores == [1, 2, 3, 0, 0, 0, 7, 8, 9]
    advantages, _ = compute_grpo_outcome_advantage(
        torch.tensor(scores)[:, None], torch.ones(9, 1), np.array([rollout.group for rollout in rollouts])
    )
    assert [bool(value) for value in advantages[:, 0]] == [True, False, True] + [False] * 3 + [True, False, True]


@pytest.mark.lane
def test_the_sampler_masks_reports_and_stops(queue: Any) -> None:
    from iea.recipe.hooks.metrics import RewardMetricsBuffer

    buffer = RewardMetricsBuffer(
        trainer_mode="sync",
        trainer_config=None,
        max_off_policy_threshold=None,
        max_off_policy_strategy="drop",
        sampler_kwargs={"poll_seconds": 0.01, "max_fallback_share": 0.3},
    )
    lost = {"a_0_0": FALLBACK, "b_0_0": FALLBACK, "b_2_0": FALLBACK}

    def sampled(number: int) -> tuple[Any, dict[str, Any]]:
        put(queue, "train", lost if number else {})
        batch, metrics = buffer.sample(global_steps=1, partition_id="train", batch_size=3)
        kept = rewards(queue, "train", sorted(batch.keys))
        queue.kv_clear(keys=batch.keys, partition_id="train")
        return kept, metrics

    kept, metrics = sampled(0)
    assert kept == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert (metrics["reward/iea/summary/fallback"], metrics["reward/masked_groups"]) == (0, 0)
    kept, metrics = sampled(1)
    assert kept == [0, 0, 0, 0, 0, 0, 7, 8, 9]
    assert metrics["reward/iea/summary/fallback"] == pytest.approx(1 / 3)
    assert metrics["reward/masked_groups"] == pytest.approx(2 / 3)
    sampled(1)
    with pytest.raises(RuntimeError, match="got 9 of 27"):
        sampled(1)


@pytest.mark.lane
def test_validation_scores_are_not_masked(queue: Any) -> None:
    from iea.recipe.hooks.metrics import RewardMetricsBuffer

    buffer = RewardMetricsBuffer(
        trainer_mode="sync",
        trainer_config=None,
        max_off_policy_threshold=None,
        max_off_policy_strategy="drop",
        sampler_kwargs={},
    )
    put(queue, "val", {"a_0_0": FALLBACK})
    batch, metrics = buffer.sample(global_steps=1, partition_id="val", batch_size=3)
    assert sorted(rewards(queue, "val", batch.keys)) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert "reward/masked_groups" not in metrics

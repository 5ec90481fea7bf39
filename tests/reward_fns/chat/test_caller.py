"""Waits between attempts are random, bounded, and at least as long as the server demands."""

import pytest
from tenacity import Future, RetryCallState

from iea.reward_fns.chat import Caller, ChatSettings, RetryableError

CALLER = Caller(ChatSettings(backoff_s=1.0, max_backoff_s=10.0))


def waits(attempt: int, demanded: float) -> list[float]:
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    state.attempt_number = attempt
    state.outcome = Future.construct(attempt, RetryableError("x", "x", demanded), True)
    return [CALLER.wait_s(state) for _ in range(300)]


@pytest.mark.parametrize(("attempt", "most"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (2000, 10.0)])
def test_waits_double_up_to_a_bound_and_are_random(attempt: int, most: float) -> None:
    drawn = waits(attempt, 0.0)
    assert 0 <= min(drawn) < 0.2 * most and 0.8 * most < max(drawn) <= most


@pytest.mark.parametrize(("attempt", "most"), [(1, 1.0), (5, 10.0)])
def test_the_wait_that_a_server_demands_is_added(attempt: int, most: float) -> None:
    drawn = waits(attempt, 42.0)
    assert 42 <= min(drawn) < max(drawn) <= 42 + most

"""A circuit breaker opens after failures in a row, and lets one call per pause through."""

import math

import pytest

from iea.reward_fns.chat import Breaker, EndpointUnusableError, RetryableError

FAULT = RetryableError("http_500", "busy")


def passes(breaker: Breaker) -> bool:
    try:
        breaker.check()
    except EndpointUnusableError:
        return False
    return True


def test_one_call_per_pause_passes_an_open_breaker() -> None:
    now = [0.0]
    breaker = Breaker(failures=3, pause_s=10.0, clock=lambda: now[0])
    for _ in range(3):
        assert passes(breaker)
        breaker.failed(FAULT)
    assert not passes(breaker)
    now[0] = 10.0
    assert [passes(breaker) for _ in range(3)] == [True, False, False]
    breaker.failed(FAULT)
    now[0] = 20.0
    assert [passes(breaker) for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert all(passes(breaker) for _ in range(3))


def test_failures_that_are_not_in_a_row_do_not_open_it() -> None:
    breaker = Breaker(failures=2)
    for _ in range(5):
        breaker.failed(FAULT)
        breaker.succeeded()
    assert passes(breaker)


def test_the_cause_is_repeated_to_every_call() -> None:
    breaker = Breaker(failures=2, pause_s=math.inf)
    for _ in range(2):
        breaker.failed(FAULT)
    with pytest.raises(EndpointUnusableError, match="2 requests in a row failed, the last: busy"):
        breaker.check()


def test_an_unusable_endpoint_opens_it_at_once() -> None:
    breaker = Breaker(failures=9, pause_s=math.inf)
    breaker.failed(EndpointUnusableError("http_401", "who are you?"))
    with pytest.raises(EndpointUnusableError, match="who are you?") as caught:
        breaker.check()
    assert caught.value.reason == "http_401"

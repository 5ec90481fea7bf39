"""Waits between attempts, the circuit breaker, and the settings of both."""

import math
import re
from typing import Any

import pytest
from tenacity import Future, RetryCallState

from iea.reward_fns.chat import (
    Breaker,
    Caller,
    ChatSettings,
    EndpointUnusableError,
    RequestRejectedError,
    RetryableError,
)

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


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout_s": 0},
        {"attempt_timeout_s": float("nan")},
        {"attempts": 0},
        {"concurrency": 0},
        {"backoff_s": -1},
        {"max_backoff_s": -1},
        {"requests_per_minute": 0},
        {"requests_per_minute": float("inf")},
        *(
            {"timeout_s": "30"},
            {"attempt_timeout_s": None},
            {"attempts": 1.5},
            {"concurrency": "8"},
            {"backoff_s": None},
        ),
        *({"model": 7}, {"url": None}, {"key_env": ["A"]}),
        *({name: True} for name in ("timeout_s", "attempt_timeout_s", "attempts", "concurrency", "backoff_s")),
        *(
            {"url": url}
            for url in ("localhost:8000/v1", "ftp://a/v1", "http:///v1", "http://[::1/v1", "http://a:99999/v1")
        ),
        *(
            {"url": url}
            for url in (
                "http://x y/v1",
                "http://x/v1 ",
                "http://x/\tv1",
                "http://x/v\n1",
                "http://x/v1#a",
                "http://x\\v1",
            )
        ),
    ],
)
def test_a_wrong_value_is_named(wrong: dict[str, Any]) -> None:
    [(name, value)] = wrong.items()
    with pytest.raises(ValueError, match=f"{name} must be .*, got {re.escape(repr(value))}"):
        ChatSettings(**wrong)


@pytest.mark.parametrize("url", ["https://me:secret@host/v1", "https://host/v1?key=secret", "http://host?secret"])
def test_a_password_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match="without spaces, a password or a part after") as raised:
        ChatSettings(url=url)
    assert "secret" not in str(raised.value)


REJECTION = RequestRejectedError("http_403", "flagged")


def test_rejections_do_not_open_it_once_a_call_has_succeeded() -> None:
    breaker = Breaker(failures=3, pause_s=math.inf)
    for error in (REJECTION, REJECTION, None, *[REJECTION] * 9, FAULT, REJECTION, FAULT, REJECTION):
        assert passes(breaker)
        breaker.failed(error) if error else breaker.succeeded()
    breaker.failed(FAULT)
    assert not passes(breaker), "faults open it as before"


def test_rejections_in_a_row_open_it_before_a_call_has_succeeded() -> None:
    breaker = Breaker(failures=3, pause_s=math.inf)
    for error in (REJECTION, FAULT, REJECTION):
        assert passes(breaker)
        breaker.failed(error)
    with pytest.raises(EndpointUnusableError, match="3 requests in a row failed, the last: flagged"):
        breaker.check()

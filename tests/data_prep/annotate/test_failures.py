"""How long to wait, by what the server asks and by how often it failed."""

import pytest
from tenacity import Future, RetryCallState

from iea.data_prep.annotate.failures import AgainError, retry_after, wait

NOW = 1_600_000_000.0  # Sun, 13 Sep 2020 12:26:40 GMT


@pytest.mark.parametrize(
    "said, seconds",
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 13 Sep 2020 12:27:10 GMT", 30.0),
        ("Sun, 13 Sep 2020 12:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said, seconds):
    assert retry_after({"retry-after": said}, NOW) == seconds
    assert retry_after({}, NOW) is None


def state(attempt: int, asked: float | None) -> RetryCallState:
    made = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    made.attempt_number = attempt
    made.outcome = Future.construct(attempt, AgainError("x", "x", asked), True)
    return made


@pytest.mark.parametrize("attempt, most", [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (2000, 10.0)])
def test_waiting_doubles_up_to_the_longest_and_is_random(attempt, most):
    waits = [wait(1.0, 10.0, state(attempt, None)) for _ in range(300)]
    assert 0 <= min(waits) < 0.2 * most and 0.8 * most < max(waits) <= most


@pytest.mark.parametrize("attempt", [1, 5])
def test_what_the_server_asks_for_is_waited_out_and_a_little_more(attempt):
    waits = [wait(1.0, 10.0, state(attempt, 42.0)) for _ in range(300)]
    assert 42 <= min(waits) and max(waits) <= 43 and max(waits) > min(waits)

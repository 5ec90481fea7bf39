"""When a judge that is down is asked, and when it is not."""

from iea.reward_fns.judge.breaker import Breaker


def test_failures_in_a_row_open_it_and_one_call_a_pause_gets_through() -> None:
    now = [0.0]
    breaker = Breaker(limit=3, pause_s=10.0, clock=lambda: now[0])
    for _ in range(3):
        assert breaker.lets_through()
        breaker.failed()
    assert not breaker.lets_through()
    now[0] = 10.0
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    now[0] = 20.0
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert all(breaker.lets_through() for _ in range(3))


def test_failures_that_are_not_in_a_row_do_not_open_it() -> None:
    breaker = Breaker(limit=2)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    assert breaker.lets_through()

"""Usage is counted, and a budget ends a run before it is exceeded."""

from typing import Any

import pytest

from iea.reward_fns.chat import Budget, Completion, EndpointUnusableError, Usage


def paid(tokens_in: int, tokens_out: int, metered: bool = True) -> Completion:
    return Completion("x", "", False, metered, tokens_in, tokens_out)


def test_prices_are_of_a_million_tokens() -> None:
    assert Budget(price_in=2, price_out=8).cost(500_000, 250_000) == 3


def test_requests_tokens_and_cost_are_counted() -> None:
    usage = Usage(Budget(price_in=1, price_out=1))
    for completion in (paid(10, 5), None, paid(0, 0, metered=False)):
        usage.begin(retry=completion is None)
        usage.end(completion)
    counts = usage.as_dict()
    assert counts.pop("cost") == pytest.approx(15e-6)
    assert counts == {"requests": 3, "retries": 1, "cache_hits": 0, "unmetered": 1, "tokens_in": 10, "tokens_out": 5}


def test_without_a_budget_nothing_stops() -> None:
    usage = Usage()
    for _ in range(100):
        usage.begin()
        usage.end(paid(10**9, 10**9))
    assert usage.requests == 100


def test_a_request_that_might_exceed_the_budget_is_not_sent() -> None:
    usage = Usage(Budget(budget_tokens=100))
    for size in (40, 10):
        usage.begin()
        usage.end(paid(size, 0))
    usage.begin()  # 50 spent, and 40 assumed for this one
    with pytest.raises(EndpointUnusableError, match="spent 50 of 100 tokens"):
        usage.begin()
    usage.end(None)
    usage.begin()


def test_a_cached_completion_is_free_but_predicts_the_price() -> None:
    usage = Usage(Budget(price_in=1, price_out=1, budget_tokens=50))
    usage.reuse(paid(60, 0))
    assert usage.cache_hits == 1 and usage.cost == 0
    with pytest.raises(EndpointUnusableError):
        usage.begin()


@pytest.mark.parametrize("limit", [{"budget_tokens": 10**6}, {"budget": 10.0, "price_in": 1, "price_out": 1}])
def test_a_budget_ends_where_tokens_are_not_reported(limit: dict[str, Any]) -> None:
    usage = Usage(Budget(**limit))
    usage.begin()
    usage.end(paid(0, 0, metered=False))
    with pytest.raises(EndpointUnusableError, match="needs token counts, got 1 completions without"):
        usage.begin()


@pytest.mark.parametrize(
    "wrong",
    [
        *({"price_in": -1}, {"budget": 5}, {"budget": 5, "price_in": 1}, {"price_out": float("nan")}),
        *({"budget": float("nan"), "price_in": 1, "price_out": 1}, {"budget_tokens": -1}, {"price_in": float("inf")}),
    ],
)
def test_a_budget_needs_prices(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="got"):
        Budget(**wrong)

"""What is spent, and when to stop."""

import pytest

from iea.data_prep.annotate.ledger import Budget, Ledger
from iea.data_prep.annotate.reply import Completion
from iea.data_prep.annotate.teacher import NoMoreError


def paid(tokens_in: int, tokens_out: int, metered: bool = True) -> Completion:
    return Completion("x", "", False, metered, tokens_in, tokens_out)


def test_prices_are_of_a_million_tokens():
    assert Budget(price_in=2, price_out=8).cost(500_000, 250_000) == 3


def test_everything_is_counted():
    ledger = Ledger(Budget(1, 1))
    for completion in (paid(10, 5), None, paid(0, 0, metered=False)):
        ledger.begin()
        ledger.end(completion)
    told = ledger.described()
    assert (told["requests"], told["tokens_in"], told["tokens_out"], told["unmetered"]) == (3, 10, 5, 1)
    assert told["cost"] == pytest.approx(15e-6)


def test_without_a_budget_nothing_stops():
    ledger = Ledger()
    for _ in range(100):
        ledger.begin()
        ledger.end(paid(10**9, 10**9))
    assert ledger.requests == 100


def test_a_request_that_might_cost_more_than_is_left_is_not_begun():
    ledger = Ledger(Budget(tokens=100))
    for size in (40, 10):
        ledger.begin()
        ledger.end(paid(size, 0))
    ledger.begin()  # 50 spent, as much as 40 under way
    with pytest.raises(NoMoreError, match="spent 50 of 100 tokens"):
        ledger.begin()
    ledger.end(None)
    ledger.begin()


def test_what_was_paid_before_costs_nothing_but_tells_what_the_next_may_cost():
    ledger = Ledger(Budget(1, 1, tokens=50))
    ledger.reuse(paid(60, 0))
    assert ledger.cache_hits == 1 and ledger.cost == 0
    with pytest.raises(NoMoreError):
        ledger.begin()


@pytest.mark.parametrize("wrong", [{"price_in": -1}, {"money": 5}, {"money": 5, "price_in": 1}])
def test_budgets_that_could_not_be_kept_are_refused(wrong):
    with pytest.raises(ValueError, match="got"):
        Budget(**wrong)

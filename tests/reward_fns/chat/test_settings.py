"""Settings that cannot be met are refused with the key and the value."""

from typing import Any

import pytest

from iea.reward_fns.chat import Budget, ChatSettings


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
    ],
)
def test_a_wrong_value_is_named(wrong: dict[str, Any]) -> None:
    [(name, value)] = wrong.items()
    with pytest.raises(ValueError, match=f"{name} must be .*, got {value}"):
        ChatSettings(**wrong)


@pytest.mark.parametrize("wrong", [{"price_in": -1}, {"budget": 5}, {"budget": 5, "price_in": 1}])
def test_a_budget_needs_prices(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="got"):
        Budget(**wrong)

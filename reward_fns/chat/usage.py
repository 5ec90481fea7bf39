"""Requests, tokens and cost of a run, and the budget that ends it."""

import math
from dataclasses import dataclass, field
from typing import Any

from iea.reward_fns.chat.completion import Completion
from iea.reward_fns.chat.errors import ChatError, EndpointUnusableError


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Prices of tokens, and the limits of one run.

    price_in : price of a million input tokens
    price_out : price of a million output tokens
    budget : limit of the run's cost, in the currency of the prices; default: none
    budget_tokens : limit of the run's tokens; default: none
    """

    price_in: float = 0.0
    price_out: float = 0.0
    budget: float | None = None
    budget_tokens: int | None = None

    def __post_init__(self) -> None:
        for name in ("price_in", "price_out", "budget", "budget_tokens"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} must be at least 0 and finite, got {value!r}")
        if self.budget is not None and not (self.price_in and self.price_out):
            rule = f"budget must come with prices of tokens in and out, got {self.price_in} and {self.price_out}"
            raise ValueError(f"{rule}; give them or budget_tokens")

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of that many tokens."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6


@dataclass
class Usage:
    """Counts of one run: `retries` are the requests after the first of a completion, `unmetered` the completions whose
    tokens the endpoint did not report."""

    budget: Budget = field(default_factory=Budget)
    requests: int = 0
    retries: int = 0
    cache_hits: int = 0
    unmetered: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    _pending: int = 0
    _completed: bool = False
    _dearest: tuple[float, int] = (0.0, 0)

    @property
    def completed(self) -> bool:
        """True if the run has a completion, from the endpoint or the cache."""
        return self._completed

    @property
    def cost(self) -> float:
        """Cost of this run so far."""
        return self.budget.cost(self.tokens_in, self.tokens_out)

    def begin(self, *, retry: bool = False) -> None:
        """Count a request before it is sent.

        Each pending request is assumed to cost as much as the most expensive answer so far, cached ones included. So
        the run exceeds its budget only by its first requests, and by the amount by which later ones cost more.

        Raises
        ------
        EndpointUnusableError : "budget", the request might cost more than the remaining budget, or the endpoint reports no costs
        """
        if self.unmetered and (self.budget.budget, self.budget.budget_tokens) != (None, None):
            text = (
                f"a budget needs token counts, got {self.unmetered} completions without; start again without a budget"
            )
            raise EndpointUnusableError("budget", text)
        spent, limits = (self.cost, self.tokens_in + self.tokens_out), (self.budget.budget, self.budget.budget_tokens)
        for one, limit, dearest, unit in zip(spent, limits, self._dearest, ("", " tokens"), strict=True):
            if limit is not None and one + (self._pending + 1) * dearest > limit:
                raise EndpointUnusableError("budget", f"spent {one:.10g} of {limit}{unit}")
        self._pending, self.requests, self.retries = self._pending + 1, self.requests + 1, self.retries + retry

    def end(self, outcome: Completion | ChatError | None) -> None:
        """Count the completion of a request, or the tokens of one that failed; None = it was abandoned."""
        self._pending -= 1
        if outcome is not None:
            self.unmetered += isinstance(outcome, Completion) and not outcome.metered
            self.tokens_in += outcome.tokens_in
            self.tokens_out += outcome.tokens_out
            self._compare(outcome)

    def reuse(self, completion: Completion) -> None:
        """Count a completion from the cache."""
        self.cache_hits += 1
        self._compare(completion)

    def _compare(self, outcome: Completion | ChatError) -> None:
        tokens_in, tokens_out = outcome.tokens_in, outcome.tokens_out
        cost = self.budget.cost(tokens_in, tokens_out)
        self._dearest = (max(self._dearest[0], cost), max(self._dearest[1], tokens_in + tokens_out))
        self._completed |= isinstance(outcome, Completion)

    def as_dict(self) -> dict[str, Any]:
        """Return the counts and the cost as JSON values."""
        counts = {name: value for name, value in vars(self).items() if name != "budget" and name[0] != "_"}
        return counts | {"cost": round(self.cost, 6)}

"""What asking costs: tokens, money, requests, and the budget that ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from iea.data_prep.annotate.reply import Completion
from iea.data_prep.annotate.teacher import NoMoreError


@dataclass(frozen=True)
class Budget:
    """What tokens cost, and how much one run may spend.

    price_in, price_out : of a million tokens, in the currency of `money`
    money, tokens : at most, None = any amount
    """

    price_in: float = 0.0
    price_out: float = 0.0
    money: float | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        if self.price_in < 0 or self.price_out < 0:
            raise ValueError(f"prices must be 0 or more, got {self.price_in} and {self.price_out}")
        if self.money is not None and not (self.price_in and self.price_out):
            raise ValueError(
                f"a budget of {self.money} must come with the prices of tokens in and out, got "
                f"{self.price_in} and {self.price_out}; give them, or a budget in tokens"
            )

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Price of that many tokens."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6


@dataclass
class Ledger:
    """Counts of one run; `retries` are of failed requests, `reasked` of useless answers, `unmetered` are answers whose
    tokens the endpoint did not tell."""

    budget: Budget = field(default_factory=Budget)
    requests: int = 0
    retries: int = 0
    reasked: int = 0
    cache_hits: int = 0
    unmetered: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    _under_way: int = 0
    _dearest: tuple[float, int] = (0.0, 0)

    @property
    def cost(self) -> float:
        """Money spent in this run."""
        return self.budget.cost(self.tokens_in, self.tokens_out)

    def begin(self) -> None:
        """Enter a request that is about to be sent.

        Those under way are taken to cost as much as the dearest so far, known answers included. So the budget is
        overrun only by the very first ones, of which nothing is known, and by what later ones cost more.

        Raises
        ------
        NoMoreError : "budget", it might cost more than is left
        """
        more, (money, tokens), budget = self._under_way + 1, self._dearest, self.budget
        if budget.money is not None and self.cost + more * money > budget.money:
            raise NoMoreError("budget", f"spent {self.cost:.4f} of {budget.money}")
        spent = self.tokens_in + self.tokens_out
        if budget.tokens is not None and spent + more * tokens > budget.tokens:
            raise NoMoreError("budget", f"spent {spent} of {budget.tokens} tokens")
        self._under_way += 1
        self.requests += 1

    def end(self, completion: Completion | None) -> None:
        """Enter what came of a request; None = nothing that could be read."""
        self._under_way -= 1
        if completion is None:
            return
        self.unmetered += not completion.metered
        self.tokens_in += completion.tokens_in
        self.tokens_out += completion.tokens_out
        self._learn(completion)

    def reuse(self, completion: Completion) -> None:
        """Enter an answer that was paid for before."""
        self.cache_hits += 1
        self._learn(completion)

    def _learn(self, completion: Completion) -> None:
        """What the next may cost."""
        tokens = completion.tokens_in + completion.tokens_out
        cost = self.budget.cost(completion.tokens_in, completion.tokens_out)
        self._dearest = (max(self._dearest[0], cost), max(self._dearest[1], tokens))

    def described(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {
            "requests": self.requests,
            "retries": self.retries,
            "reasked": self.reasked,
            "cache_hits": self.cache_hits,
            "unmetered": self.unmetered,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost": round(self.cost, 6),
        }

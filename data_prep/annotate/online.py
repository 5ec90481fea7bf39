"""Have pairs explained by an endpoint: first ask until nothing is left to ask, then make rows of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from iea.data_prep import runner
from iea.data_prep.annotate.answers import Answers
from iea.data_prep.annotate.asking import ASKED, Outcomes, UnfinishedError, ask
from iea.data_prep.annotate.endpoint import Endpoint, EndpointConfig
from iea.data_prep.annotate.ledger import Budget, Ledger
from iea.data_prep.annotate.teacher import Question, annotated_row, question_of
from iea.data_prep.files import write_json
from iea.data_prep.runner import Item, RejectedError, Row, Step
from iea.data_prep.schema import ANNOTATED


@dataclass(frozen=True)
class Asking:
    """How an endpoint is asked: by whose leave, at what cost, how many questions at once, and where answers lie."""

    endpoint: EndpointConfig
    answers: Path
    api_key: str = field(default="", repr=False)
    budget: Budget = field(default_factory=Budget)
    at_once: int = 8


def annotate_online(
    pairs: Sequence[Item], out: Path, asking: Asking, *, partial_rows: bool = False, quiet: bool = False
) -> runner.Report:
    """Explain pairs with a model: first ask until all is answered, then write.

    Parameters
    ----------
    partial_rows : write without the answers that are missing; their pairs are rejected as "unanswered"

    Raises
    ------
    ValueError : another run asks with the same answers, or `out` holds other shards
    UnfinishedError : pairs are left unanswered and `partial_rows` is off
    """
    with Answers(asking.answers).locked():
        outcomes, ledger = asyncio.run(_asked(pairs, asking, quiet))
    total = outcomes.described()
    total["cost"] = round(asking.budget.cost(total["tokens_in"], total["tokens_out"]), 6)
    content = {"teacher": asking.endpoint.model, "this_run": ledger.described(), "all": total}
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / ASKED, content)
    if outcomes.unanswered and not partial_rows:
        because = "; ".join(total["unanswered_because"])
        raise UnfinishedError(
            f"{len(outcomes.unanswered)} of {len(pairs)} pairs are unanswered ({because}); start again to go on, or "
            "give --partial to do without them"
        )
    settings = asking.endpoint.described() | {"unanswered": sorted(outcomes.unanswered)}
    step = Step("teach", ANNOTATED, partial(_remembered, asking.endpoint.model, outcomes), settings)
    return runner.run(step, pairs, out, workers=1, quiet=quiet)


async def _asked(pairs: Sequence[Item], asking: Asking, quiet: bool) -> tuple[Outcomes, Ledger]:
    ledger = Ledger(asking.budget)
    async with asking.endpoint.connected(asking.api_key) as client:
        teacher = Endpoint(asking.endpoint, client, Answers(asking.answers), ledger)
        questions = list(_questions(pairs))
        outcomes = await ask(
            teacher, questions, at_once=asking.at_once, quiet=quiet, shown=lambda: _spent(ledger)
        )
    return outcomes, ledger


def _questions(pairs: Sequence[Item]) -> Iterator[Question]:
    """Those that can be asked; what the others lack is found again when rows are made."""
    for item in pairs:
        with suppress(RejectedError):
            yield question_of(item)


def _remembered(teacher: str, outcomes: Outcomes, item: Item) -> list[Row]:
    name = question_of(item).name
    if name in outcomes.answers:
        return [annotated_row(item, teacher, outcomes.answers[name])]
    if name in outcomes.rejected:
        raise outcomes.rejected[name]
    raise RejectedError("unanswered", outcomes.unanswered[name].text)


def _spent(ledger: Ledger) -> str:
    return (
        f"{ledger.cost:.2f} spent, {ledger.tokens_in + ledger.tokens_out} tokens, {ledger.cache_hits} known"
    )

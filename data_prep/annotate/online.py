"""A teacher behind an endpoint: a hosted model, or a local vLLM."""

import asyncio
import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tqdm import tqdm

from iea.data_prep import runner
from iea.data_prep.annotate.annotation import READS, Annotation, AnnotationRequest, annotated_row, request_of
from iea.data_prep.annotate.images import data_url, digest_url
from iea.data_prep.annotate.online_config import OnlineConfig
from iea.data_prep.annotate.prompt import Message, conversation, reprompt
from iea.data_prep.annotate.reply import ReplyError, read_reply, response_format
from iea.data_prep.files import write_json
from iea.data_prep.lock import locked
from iea.data_prep.runner import Item, RejectedError, Row, Step
from iea.data_prep.schema import ANNOTATED
from iea.reward_fns.chat import Breaker, ChatClient, ChatError, Completion, CompletionCache, RequestRejectedError, Usage

USAGE = "usage.json"  # beside the report: the outcomes, and the usage of the last run
FAILURES = 10  # requests in a row without a reply: the fault is the endpoint's, not the request's
QUOTED = 4000  # characters of an unusable reply in the next prompt


Outcomes: TypeAlias = dict[str, Annotation | RejectedError | ChatError]
"""Name of a request -> its annotation, its rejection, or the error that left it unanswered."""


class UnfinishedError(RuntimeError):
    """Pairs are unanswered; the text states the number, the causes and the remedy."""

    exit_status = 3  # of the command


class OnlineTeacher:
    """A teacher that is a model. Belongs to one event loop."""

    def __init__(self, config: OnlineConfig, cache: Path) -> None:
        self.config, self.name, self.usage, self.reprompts = config, config.model, Usage(config), 0
        self._client = ChatClient(
            config, cache=CompletionCache(cache), usage=self.usage, breaker=Breaker(FAILURES, math.inf)
        )

    async def annotate(self, request: AnnotationRequest) -> Annotation:
        """Annotate one pair; sends at most (1 + reprompts) * attempts requests.

        An answer that was cut off is asked for again with twice the length, any other unusable one with its fault.

        Raises
        ------
        RejectedError : the pair has no usable reply, and repeating the request would not help
        ChatError : it has no reply in this run
        """
        turns: list[Message] = []
        tokens_in, tokens_out, length = 0, 0, self.config.max_tokens
        for left in reversed(range(1 + self.config.reprompts)):
            try:
                completion = await self._completion(request, turns, length)
            except RequestRejectedError as error:
                if length == self.config.max_tokens:
                    raise
                text = f"{request.name}: the answer was cut off at {length // 2} tokens, and twice as many are refused"
                raise RejectedError("cut_off", f"{text}: {error.text}") from None
            tokens_in, tokens_out = tokens_in + completion.tokens_in, tokens_out + completion.tokens_out
            try:
                return replace(read_reply(completion), tokens_in=tokens_in, tokens_out=tokens_out)
            except ReplyError as fault:
                if not left or fault.reason == "declined":
                    raise RejectedError(fault.reason, f"{request.name}: {fault.text}") from None
                if fault.reason == "cut_off":
                    length *= 2
                else:
                    turns = [*turns, *reprompt(completion.answer[:QUOTED], fault.text)]
                self.reprompts += 1
        raise AssertionError("the last round returns or raises")

    async def _completion(self, request: AnnotationRequest, turns: list[Message], length: int) -> Completion:
        def body(url: Callable[[Path, int], str]) -> dict[str, Any]:
            urls = url(request.original, self.config.image_side), url(request.reference, self.config.image_side)
            return {
                "messages": [*conversation(request, urls), *turns],
                "max_completion_tokens": length,
                **response_format(self.config.form),
                **({} if self.config.temperature is None else {"temperature": self.config.temperature}),
            }

        key = await asyncio.to_thread(body, digest_url)
        return await self._client.complete(key, partial(body, data_url))


async def annotate_all(
    teacher: OnlineTeacher, requests: Sequence[AnnotationRequest], *, quiet: bool = False
) -> Outcomes:
    """Annotate every request once, `concurrency` of them at a time; their names must differ.

    A request that the endpoint rejects is that pair's rejection if the endpoint completed another one; else it remains
    unanswered, because the key, the model or a setting may be the cause. After any other error no request is begun, and those
    in flight are finished, so that their answers are kept.
    """
    outcomes: Outcomes = {}
    waiting, usage = deque(requests), teacher.usage
    with tqdm(total=len(requests), desc=f"ask {teacher.name}", unit="pair", disable=quiet) as bar:

        async def work() -> None:
            while waiting:
                request = waiting.popleft()
                try:
                    outcomes[request.name] = await teacher.annotate(request)
                except (RejectedError, ChatError) as error:
                    outcomes[request.name] = error
                except Exception:
                    waiting.clear()
                    raise
                tokens = usage.tokens_in + usage.tokens_out
                bar.set_postfix_str(f"{usage.cost:.2f} spent, {tokens} tokens, {usage.cache_hits} cached")
                bar.update()

        works = [work() for _ in range(teacher.config.concurrency)]
        for error in await asyncio.gather(*works, return_exceptions=True):
            if error is not None:
                raise error
    if usage.completed:
        for name, outcome in outcomes.items():
            if isinstance(outcome, RequestRejectedError):
                outcomes[name] = RejectedError(outcome.reason, f"{name}: {outcome.text}")
    return outcomes


def annotate_online(
    pairs: Sequence[Item],
    out: Path,
    config: OnlineConfig,
    *,
    cache: Path | None = None,
    partial_rows: bool = False,
    quiet: bool = False,
) -> runner.Report:
    """Annotate pairs with a model: first get all replies, then write the rows.

    Parameters
    ----------
    cache : folder of completions, None = `out` with .cache appended
    partial_rows : write the rows although replies are missing; their pairs are rejected as "unanswered"

    Raises
    ------
    ValueError : `out` holds other shards
    LockedError : another run writes to `out`
    UnfinishedError : pairs are unanswered and `partial_rows` is off
    """
    with locked(out):
        return _annotate(pairs, out, config, cache or out.with_name(f"{out.name}.cache"), partial_rows, quiet)


def _annotate(
    pairs: Sequence[Item], out: Path, config: OnlineConfig, cache: Path, partial_rows: bool, quiet: bool
) -> runner.Report:
    outcomes, usage = asyncio.run(_outcomes(pairs, config, cache, quiet))
    write_json(out / USAGE, usage)
    unanswered = sorted(name for name, outcome in outcomes.items() if isinstance(outcome, ChatError))
    if unanswered and not partial_rows:
        raise UnfinishedError(
            f"{len(unanswered)} of {len(pairs)} pairs are unanswered ({'; '.join(usage['all']['unanswered_because'])}); "
            "start again to continue; `iea data annotate --partial` writes the rows without them"
        )
    make, version = partial(_rows, config.model, outcomes), partial(_version, outcomes)
    step = Step("annotate", ANNOTATED, make, config.described(), READS, version=version)
    return runner.run(step, pairs, out, workers=1, quiet=quiet)


async def _outcomes(
    pairs: Sequence[Item], config: OnlineConfig, cache: Path, quiet: bool
) -> tuple[Outcomes, dict[str, Any]]:
    """Return the outcomes, and the content of usage.json; its totals include replies from the cache."""
    teacher = OnlineTeacher(config, cache)
    requests = []
    for item in pairs:
        with suppress(RejectedError):  # which _rows raises again
            requests.append(request_of(item))
    outcomes = await annotate_all(teacher, requests, quiet=quiet)
    annotations = [one for one in outcomes.values() if isinstance(one, Annotation)]
    rejected = Counter(one.reason for one in outcomes.values() if isinstance(one, RejectedError))
    unanswered = [one for one in outcomes.values() if isinstance(one, ChatError)]
    tokens_in, tokens_out = (sum(getattr(one, key) for one in annotations) for key in ("tokens_in", "tokens_out"))
    total = {
        "answers": len(annotations),
        "rejected": dict(sorted(rejected.items())),
        "unanswered": dict(sorted(Counter(error.reason for error in unanswered).items())),
        "unanswered_because": sorted({error.text for error in unanswered})[:3],
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "reprompts": teacher.reprompts,
        "cost": round(config.cost(tokens_in, tokens_out), 6),
    }
    return outcomes, {"teacher": config.model, "this_run": teacher.usage.as_dict(), "all": total}


def _version(outcomes: Outcomes, item: Item) -> str:
    """Return the outcome that decides the rows of a pair, as a text."""
    with suppress(RejectedError):  # which _rows raises again
        return repr(outcomes[request_of(item).name])
    return ""


def _rows(teacher: str, outcomes: Outcomes, item: Item) -> list[Row]:
    match outcomes[request_of(item).name]:
        case Annotation() as annotation:
            return [annotated_row(item, teacher, annotation)]
        case ChatError() as error:
            raise RejectedError("unanswered", error.text)
        case rejected:
            raise rejected

"""A teacher behind any endpoint that speaks OpenAI's chat completions: GPT-4.1, Gemini, a local vLLM.

The openai library sends; its own retries are off (max_retries=0). They honour Retry-After and back off, but pass by the
limit of requests a minute, cannot be counted, give up for good where a server wants more than two minutes, and do not
know a 200 whose body is broken. tenacity repeats instead.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import openai
from aiolimiter import AsyncLimiter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from iea.data_prep.annotate.answers import Answers, key_of
from iea.data_prep.annotate.failures import SEND_ERRORS, AgainError, classified, wait
from iea.data_prep.annotate.images import data_url, digest_url
from iea.data_prep.annotate.ledger import Ledger
from iea.data_prep.annotate.prompt import Message, asked_again, conversation
from iea.data_prep.annotate.reply import Completion, ReplyError, read_reply, response_format
from iea.data_prep.annotate.teacher import Answer, NoMoreError, Question, UnansweredError
from iea.data_prep.runner import RejectedError

DOWN_AFTER = (
    10  # questions in a row that all tries could not get answered: the endpoint is down, not the question odd
)
QUOTED = 4000  # characters of a useless answer that are sent back when asking again


@dataclass(frozen=True)
class EndpointConfig:
    """Where and how to ask.

    url, model : for example "https://api.openai.com/v1" and "gpt-4.1"
    side : pictures are reduced to at most this many pixels a side
    form : of the answer, as the endpoint can enforce it: "json_schema", "json_object" or "none"
    max_tokens : of one answer
    temperature : None = the endpoint's own
    deadline : seconds for one request, from sending to the last byte
    tries : of one request, the first among them
    reasks : conversations are gone on with at most this often where an answer is of no use
    backoff, longest_wait : seconds before the second try at most, and before any
    requests_per_minute : spread evenly, tries among them
    """

    url: str
    model: str
    side: int = 768
    form: str = "json_schema"
    max_tokens: int = 2000
    temperature: float | None = None
    deadline: float = 120.0
    tries: int = 6
    reasks: int = 2
    backoff: float = 1.0
    longest_wait: float = 60.0
    requests_per_minute: float = 60.0

    def __post_init__(self) -> None:
        response_format(self.form)  # raises ValueError for an unknown one
        for name in (
            "side",
            "max_tokens",
            "deadline",
            "tries",
            "backoff",
            "longest_wait",
            "requests_per_minute",
        ):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if self.reasks < 0:
            raise ValueError(f"reasks must be 0 or more, got {self.reasks}")

    def described(self) -> dict[str, Any]:
        """The settings that decide an answer, as JSON values. Not the address: a server that moves is asked nothing
        anew."""
        return {
            "teacher": self.model,
            "side": self.side,
            "form": self.form,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "reasks": self.reasks,
        }

    def connected(self, api_key: str) -> openai.AsyncOpenAI:
        """A client for the endpoint; the caller closes it."""
        return openai.AsyncOpenAI(
            base_url=self.url, api_key=api_key or "none", timeout=self.deadline, max_retries=0
        )


class Endpoint:
    """The teacher. Make it inside the event loop that it is used in.

    Parameters
    ----------
    client : as `config.connected` makes it
    answers : what was answered before is not asked again
    ledger : counts and ends the asking
    """

    def __init__(
        self, config: EndpointConfig, client: openai.AsyncOpenAI, answers: Answers, ledger: Ledger
    ) -> None:
        self.config, self.client, self.answers, self.ledger = config, client, answers, ledger
        # one at a time: more at once would double the first minute's requests
        self._limiter = AsyncLimiter(1, 60 / config.requests_per_minute)
        self._same = defaultdict[str, asyncio.Lock](asyncio.Lock)
        self._stopped: NoMoreError | None = None
        self._failed_in_a_row = 0

    @property
    def name(self) -> str:
        return self.config.model

    async def answer(self, question: Question) -> Answer:
        """As Teacher.answer says; sends at most (1 + reasks) tries requests."""
        talk: list[Message] = []
        tokens_in = tokens_out = 0
        for left in reversed(range(1 + self.config.reasks)):
            completion = await self._completion(question, talk)
            tokens_in, tokens_out = tokens_in + completion.tokens_in, tokens_out + completion.tokens_out
            try:
                return replace(read_reply(completion), tokens_in=tokens_in, tokens_out=tokens_out)
            except ReplyError as fault:
                if not left or fault.reason == "declined":
                    raise RejectedError(fault.reason, f"{question.name}: {fault.text}") from None
                talk = [*talk, *asked_again(completion.text[:QUOTED], fault.text)]
        raise AssertionError("the last round returns or raises")

    async def _completion(self, question: Question, talk: list[Message]) -> Completion:
        """What comes next in the conversation: remembered, or asked for and remembered."""
        paths, side = (question.original, question.reference), self.config.side
        digests = await asyncio.to_thread(lambda: [digest_url(path, side) for path in paths])
        key = key_of(self._body(question, digests, talk))
        async with self._same[key]:  # two questions alike are paid once
            known = self.answers.get(key)
            if known:
                self.ledger.reuse(known)
                return known
            self.ledger.reasked += bool(talk)
            urls = await asyncio.to_thread(lambda: [data_url(path, side) for path in paths])
            completion = await self._sent(self._body(question, urls, talk))
            self.answers.put(key, completion)
            return completion

    def _body(self, question: Question, urls: list[str], talk: list[Message]) -> dict[str, Any]:
        """Everything that decides the answer."""
        original, reference = urls
        body = {
            "model": self.config.model,
            "messages": [*conversation(question, (original, reference)), *talk],
            "max_completion_tokens": self.config.max_tokens,
            **response_format(self.config.form),
        }
        return body if self.config.temperature is None else body | {"temperature": self.config.temperature}

    async def _sent(self, body: dict[str, Any]) -> Completion:
        """Send until it is answered, is rejected, or has been tried often enough."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(self.config.tries),
            wait=partial(wait, self.config.backoff, self.config.longest_wait),
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            completion: Completion = await retrying(self._once, body)
        except AgainError as error:
            self._failed_in_a_row += 1
            if self._failed_in_a_row >= DOWN_AFTER:
                self._stopped = NoMoreError(
                    "endpoint_down", f"{DOWN_AFTER} in a row failed, the last: {error.text}"
                )
            raise
        self._failed_in_a_row = 0
        return completion

    def _count_retry(self, state: RetryCallState) -> None:
        self.ledger.retries += 1

    async def _once(self, body: dict[str, Any]) -> Completion:
        """Send once. What is raised says whether to send again."""
        await self._limiter.acquire()
        self._begin()
        completion: Completion | None = None
        try:
            sending = self.client.chat.completions.with_raw_response.create(**body)
            response = await asyncio.wait_for(sending, self.config.deadline)
            completion = Completion.of(self._without_key(response.text))
        except SEND_ERRORS as error:
            self._raise(classified(error))
        finally:
            self.ledger.end(completion)
        return completion

    def _begin(self) -> None:
        if self._stopped:
            raise NoMoreError(self._stopped.reason, self._stopped.text)
        try:
            self.ledger.begin()
        except NoMoreError as error:
            self._stopped = error
            raise

    def _raise(self, error: UnansweredError | RejectedError) -> NoReturn:
        """Raise it less the key: endpoints have been seen to quote it."""
        error.text = self._without_key(error.text)
        error.args = (error.reason, error.text)
        if isinstance(error, NoMoreError):
            self._stopped = error
        raise error from None

    def _without_key(self, text: str) -> str:
        return text.replace(self.client.api_key, "***") if len(self.client.api_key) > 4 else text

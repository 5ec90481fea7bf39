"""A grader: a model with eyes behind an endpoint, asked one question a call."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

from tqdm import tqdm

from iea.data_prep.annotate.images import data_url, digest_url
from iea.data_prep.annotate.online_config import VisionConfig
from iea.data_prep.annotate.reply import ReplyError, read_object, response_format
from iea.data_prep.runner import RejectedError
from iea.editor.errors import NamedError
from iea.recipe.evaluation.compare.prompts.prompt import Answer, Prompt
from iea.reward_fns.chat import Breaker, ChatClient, ChatError, CompletionCache, RequestRejectedError, Usage

FAILURES = 10  # requests in a row without a completion: the fault is the endpoint's

Outcome: TypeAlias = Answer | NamedError
"""An answer, or the named reason for none: data, and never raised."""


@dataclass(frozen=True)
class Question:
    """One call: a prompt about a request and images. Questions of another `turn` are never answered by one cached answer."""

    prompt: Prompt
    request: str
    images: tuple[Path, ...]
    turn: int = 0


class Grader:
    """Answers questions from its cache or the endpoint. Belongs to one event loop."""

    def __init__(self, config: VisionConfig, folder: Path) -> None:
        """Keep the completions in `folder`."""
        self.config, self.usage, self._digest = config, Usage(config), cache(digest_url)
        self._client = ChatClient(
            config, cache=CompletionCache(folder), usage=self.usage, breaker=Breaker(FAILURES, math.inf)
        )

    async def ask(self, question: Question) -> Outcome:
        """Ask one question in a call of its own, without any other call's text.

        Returns
        -------
        an answer; ReplyError for one that cannot be read, RejectedError for an image that cannot, else ChatError
        """
        try:
            key = await asyncio.to_thread(self._body, question, self._digest)
            completion = await self._client.complete(
                key | {"turn": question.turn}, partial(self._body, question, data_url)
            )
            return read_object(completion, question.prompt.answer)
        except (ReplyError, RejectedError, ChatError) as error:
            return error

    def _body(self, question: Question, url: Callable[[Path, int], str]) -> dict[str, Any]:
        urls = [url(path, self.config.image_side) for path in question.images]
        return {
            "messages": question.prompt.messages(question.request, urls),
            "max_completion_tokens": self.config.max_tokens,
            **response_format(self.config.form, question.prompt.answer, question.prompt.name),
            **({} if self.config.temperature is None else {"temperature": self.config.temperature}),
        }


async def ask_all(grader: Grader, questions: Sequence[Question], *, quiet: bool = False) -> list[Outcome]:
    """Ask every question once, `concurrency` of them at a time; return the outcomes in the order of the questions.

    Raises
    ------
    OSError : the cache cannot be written; answers in flight are kept first
    """
    outcomes: dict[int, Outcome] = {}
    waiting, usage = deque(enumerate(questions)), grader.usage
    with tqdm(total=len(questions), desc=f"ask {grader.config.model}", unit="call", disable=quiet) as bar:

        async def work() -> None:
            while waiting:
                place, question = waiting.popleft()
                try:
                    outcomes[place] = await grader.ask(question)
                except Exception:
                    waiting.clear()
                    raise
                bar.set_postfix_str(f"{usage.cost:.2f} spent, {usage.cache_hits} cached", refresh=False)
                bar.update()

        works = [work() for _ in range(grader.config.concurrency)]
        for error in await asyncio.gather(*works, return_exceptions=True):
            if error is not None:
                raise error
    return [outcomes[place] for place in range(len(questions))]


def unanswered(outcome: Outcome, usage: Usage) -> bool:
    """Return True if another run may answer the question: the endpoint failed, or rejected it before any completion."""
    return isinstance(outcome, ChatError) and not (isinstance(outcome, RequestRejectedError) and usage.completed)

"""A model behind an OpenAI-compatible endpoint, hosted or a local vLLM: `endpoint=http://127.0.0.1:8000/v1,model=NAME`.

The messages are those of the rows, with the images in data URLs. Rows of the short style name neither the tools nor the form of
the answer, which a model that was not trained on them needs: `style=full` or `style=direct` makes their prompts again.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iea.data_prep.annotate.images import data_url, digest_url
from iea.data_prep.annotate.online import FAILURES, UnfinishedError
from iea.editor import ProgramError
from iea.recipe.evaluation.editors import OURS, editor_of
from iea.recipe.evaluation.served import served_name
from iea.recipe.evaluation.systems.system import PROGRAMS, Answer, Failed, by_editor, session_system
from iea.reward_fns.chat import (
    Breaker,
    Budget,
    ChatClient,
    ChatError,
    ChatSettings,
    Completion,
    CompletionCache,
    RequestRejectedError,
    Usage,
)
from iea.reward_fns.example import Example
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.prompts import IMAGE, STYLES, Message
from iea.reward_fns.tasks import task_of

REASON_CHARS = 200  # of a refusal or an error in the results


@dataclass(frozen=True, kw_only=True)
class EndpointSettings(ChatSettings, Budget):
    """Options of an endpoint.

    image_side : longest side that images are reduced to, px
    max_tokens : longest answer, tokens
    temperature : temperature of the answers
    editor : name of the editor that the model writes programs for, a key of `iea.recipe.evaluation.editors.EDITORS`
    style : style of the prompts: full, direct or short; "" = that of the rows
    partial : count rows without an answer, after all attempts, as failed; without, the evaluation stops and can be resumed
    cache : folder of completions; default: beside the results
    """

    image_side: int = 768
    max_tokens: int = 2000
    temperature: float = 0.0
    editor: str = OURS
    style: str = ""
    partial: bool = False
    cache: Path | None = None

    def __post_init__(self) -> None:
        ChatSettings.__post_init__(self)
        Budget.__post_init__(self)
        editor_of(self.editor)
        if not self.url:
            raise ValueError("an endpoint must have an address, such as endpoint=http://127.0.0.1:8000/v1, got none")
        if self.style not in ("", *STYLES):
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        for name in ("image_side", "max_tokens"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.temperature < math.inf:
            raise ValueError(f"temperature must be at least 0 and finite, got {self.temperature}")


class Conversation:
    """The state that the chunks of one evaluation share: counts, budget, breaker and cache."""

    def __init__(self, settings: EndpointSettings) -> None:
        self.settings, self.model = settings, settings.model or served_name(settings.url)
        self.usage, self._breaker = Usage(settings), Breaker(FAILURES, math.inf)
        self._cache = CompletionCache(settings.cache) if settings.cache else None

    def __call__(self, rows: pd.DataFrame) -> list[Answer]:
        """Answer rows.

        Raises
        ------
        UnfinishedError : a row has no answer, through no fault of the model, and `partial` is off
        """
        return asyncio.run(self._answers(rows.to_dict("records")))

    async def _answers(self, rows: list[dict[Any, Any]]) -> list[Answer]:
        client = ChatClient(self.settings, cache=self._cache, usage=self.usage, breaker=self._breaker)
        found: list[Answer | ChatError] = [Failed("unanswered")] * len(rows)
        waiting = iter(enumerate(rows))

        async def work() -> None:
            for place, row in waiting:
                found[place] = await self._answer(client, row)

        await asyncio.gather(*(work() for _ in range(self.settings.concurrency)))
        missing = [one for one in found if isinstance(one, ChatError) and not self._final(one)]
        if missing and not self.settings.partial:
            raise UnfinishedError(
                f"{len(missing)} of {len(rows)} rows are unanswered ({missing[-1]}); start again to continue, or count them "
                "as failed with the option partial=true"
            )
        return [_failed(one) if isinstance(one, ChatError) else one for one in found]

    def _final(self, error: ChatError) -> bool:
        """Return True for the rejection of one request by an endpoint that completed another one."""
        return isinstance(error, RequestRejectedError) and self.usage.completed

    async def _answer(self, client: ChatClient, row: Mapping[Any, Any]) -> Answer | ChatError:
        def body(url: Callable[[Path, int], str]) -> dict[str, Any]:
            turns = messages(row, self.settings.style, lambda path: url(Path(path), self.settings.image_side))
            limits = {"max_tokens": self.settings.max_tokens, "temperature": self.settings.temperature}
            return {"model": self.model, "messages": turns, **limits}

        try:
            key = await asyncio.to_thread(body, digest_url)
            completion = await client.complete(key, lambda: body(data_url))
        except ChatError as error:
            return error
        source, editor = row["data_source"], self.settings.editor
        answer = read(completion, is_program=editor == OURS and task_of(source).name in PROGRAMS)
        return by_editor(editor, source, answer) if isinstance(answer, str) else answer


def read(completion: Completion, *, is_program: bool) -> Answer:
    """Return the answer in a completion: the text, or the part after a rationale where that alone has the form of an answer.

    >>> read(Completion("<think>dark</think>\\n{\\"exposure\\": 20}", "", False, True, 1, 1), is_program=True)
    '\\n{"exposure": 20}'
    >>> read(Completion("I cannot help.", "policy", False, True, 1, 1), is_program=True).reason
    'declined'
    """
    if completion.declined:
        return Failed("declined", completion.declined[:REASON_CHARS])
    if not is_program:
        return completion.answer.strip() or Failed("empty_answer", "the model said nothing")
    try:
        parse_answer(completion.text)
    except ProgramError:
        if not completion.text.strip():
            return Failed("cut_off" if completion.cut_off else "empty_answer", f"{completion.tokens_out} tokens")
        if completion.cut_off:
            return Failed("cut_off", completion.text[-REASON_CHARS:])
        return completion.answer
    return completion.text


def messages(row: Mapping[Any, Any], style: str, url: Callable[[str], str]) -> list[dict[str, Any]]:
    """Return the messages of a row in the form of an endpoint: parts of text, and images by their URL.

    Parameters
    ----------
    style : as of EndpointSettings
    url : path of an image -> its URL
    """
    extra, task = row["extra_info"], task_of(row["data_source"])
    turns: list[Message] = list(row["prompt"])
    if style:
        known = {key: extra[key] for key in Example.__dataclass_fields__ if key in extra and extra[key] is not None}
        turns = task.messages(Example(**{"task": task.name} | known), style)  # type: ignore[arg-type]  # checked
    shown = iter([str(extra[column]) for column in task.images])
    made = []
    for turn in turns:
        first, *others = turn["content"].split(IMAGE)
        parts: list[dict[str, Any]] = [{"type": "text", "text": first}] if first.strip() else []
        for text in others:
            parts.append({"type": "image_url", "image_url": {"url": url(next(shown))}})
            parts += [{"type": "text", "text": text.strip()}] if text.strip() else []
        made.append({"role": turn["role"], "content": parts if others else first})
    return made


def _failed(error: ChatError) -> Failed:
    return Failed(error.reason, error.text[:REASON_CHARS])


SYSTEM = session_system("endpoint", Conversation, options=EndpointSettings, value="url")

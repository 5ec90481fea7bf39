"""A judge behind OpenAI's chat completions: verl's served reward model, or any URL."""

import json
import os
import time
from collections.abc import AsyncGenerator, Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from iea.reward_fns.judge.failures import AgainError, JudgeError
from iea.reward_fns.judge.prompt import LONGEST_REASON, REASONED, SCORES, judge_messages, score_in
from iea.reward_fns.judge.settings import JudgeSettings

BUSY = (408, 425, 429)  # and every 5xx: worth asking again
INTEGER_TOKENS = 8  # the longest, -10, is three and an end
REASONED_TOKENS = LONGEST_REASON + INTEGER_TOKENS  # a character each at worst
HELD_TO: Mapping[str, Mapping[str, object]] = {
    "integer": {"choice": list(SCORES)},
    "reasoned": {"regex": REASONED},
}
QUOTED = 200  # characters of an answer that an error shows


class HttpJudge:
    """Asks over HTTP, on one session. Belongs to the event loop in which it is first asked."""

    def __init__(self, settings: JudgeSettings) -> None:
        self._settings = settings
        self._sessions = _sessions()
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, reference: str, prediction: str) -> float:
        """The judge's integer. Raises AgainError, JudgeError."""
        if self._session is None:
            self._session = await anext(self._sessions)  # never waits: two calls cannot both be here
        url = f"{self._settings.url}/chat/completions"
        body = request_body(self._settings, reference, prediction)
        try:
            async with self._session.post(url, json=body, headers=self._headers()) as response:
                answer = await response.text(errors="replace")
        except aiohttp.ClientError as error:  # rejected, reset, cut off
            raise AgainError(f"{type(error).__name__}: {error}") from error
        if response.status in BUSY or response.status >= 500:
            raise AgainError(
                f"HTTP {response.status}: {answer[:QUOTED]}",
                retry_after_s(response.headers.get("Retry-After")),
            )
        if response.status != 200:
            raise JudgeError(f"HTTP {response.status}: {answer[:QUOTED]}")
        return read_score(answer, reasoned=self._settings.decode == "reasoned")

    def _headers(self) -> dict[str, str]:
        name = self._settings.key_env
        if not name:
            return {}
        if not (key := os.environ.get(name)):
            raise JudgeError(
                f"the environment variable {name} must hold the judge's API key, got nothing; set it"
            )
        return {"Authorization": f"Bearer {key}"}


async def _sessions() -> AsyncGenerator[aiohttp.ClientSession, None]:
    """One session, which ends with the event loop: loops close the generators that they have begun."""
    no_limit = aiohttp.ClientTimeout(total=None)  # the caller's deadlines hold
    async with aiohttp.ClientSession(timeout=no_limit) as session:
        yield session


def request_body(settings: JudgeSettings, reference: str, prediction: str) -> dict[str, object]:
    """One greedy, reproducible request.

    `structured_outputs` (vLLM 0.12 and later; `guided_choice` is gone) and `chat_template_kwargs` are vLLM's. The
    latter opens the answer where Qwen3's template puts it in training: after an empty thought.
    """
    body: dict[str, object] = {
        "model": settings.model,
        "messages": judge_messages(reference, prediction),
        "temperature": 0,
        "seed": 0,
        "max_tokens": REASONED_TOKENS if settings.decode == "reasoned" else INTEGER_TOKENS,
    }
    if settings.decode in HELD_TO:
        body["structured_outputs"] = dict(HELD_TO[settings.decode])
        body["chat_template_kwargs"] = {"enable_thinking": False}
    return body


def read_score(answer: str, *, reasoned: bool = False) -> float:
    """The integer in the body of an answer; where `reasoned`, what follows its last colon.

    Raises
    ------
    JudgeError : that is none of SCORES and nothing else
    """
    try:
        said = json.loads(answer)["choices"][0]["message"]["content"].strip()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise JudgeError(f"no chat completion: {answer[:QUOTED]!r}") from error
    if reasoned:  # without a colon it was cut short
        said = score_in(said) if ":" in said else f"only a reason, {said}"
    if said not in SCORES:
        raise JudgeError(
            f"a score must be an integer from {SCORES[0]} to {SCORES[-1]}, got {said[:QUOTED]!r}"
        )
    return float(said)


def retry_after_s(header: str | None) -> float:
    """Seconds that a `Retry-After` asks for, given in seconds or as a date; 0 where it asks for none."""
    if header is None:
        return 0.0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0

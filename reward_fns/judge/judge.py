"""The judge's score of a summary, from a model or a Ray actor, bounded in time.

| the judge | reaction | the answer |
|---|---|---|
| answers one of the 21 integers, see `read_score` | - | scored |
| cannot be reached, breaks off, returns 5xx, 408, 409, 425, 429 or 200 without a completion | retry within `timeout_s` | scored, or fallback |
| takes longer than half of `timeout_s` | one retry | scored, or fallback |
| ends its answer for a reason of its own, such as "abort" | retry within `timeout_s` | scored, or fallback |
| answers with prose, NaN or another number, declines, or is cut off at the limit of length | no retry: the same request has the same answer | fallback |
| rejects the request (another 4xx) | no retry | fallback |
| failed 8 requests in a row, or rejected them before its first answer, or returns 401, 402, 404 or a redirect | no request for PAUSE_S, then one | fallback at once |

`iea.reward_fns.chat` retries and pauses; `iea.recipe.hooks.fallback` masks the groups of fallbacks.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from iea.reward_fns.chat import Breaker, Caller, ChatClient, ChatError, RequestRejectedError, RetryableError
from iea.reward_fns.judge.prompt import HIGHEST, LONGEST_REASON, LOWEST, REASONED, SCORES, judge_messages, score_in
from iea.reward_fns.judge.settings import JudgeSettings

FAILURES, PAUSE_S = 8, 30.0
INTEGER_TOKENS = 8  # the longest integer, -10, takes three and an end
REASONED_TOKENS = LONGEST_REASON + INTEGER_TOKENS  # at worst one per character
HELD_TO: Mapping[str, Mapping[str, object]] = {"integer": {"choice": list(SCORES)}, "reasoned": {"regex": REASONED}}
QUOTED = 200  # characters of an answer in an error

_log = logging.getLogger(__name__)


class JudgeError(Exception):
    """No score, for one of the causes in the table."""


@runtime_checkable
class Scorer(Protocol):
    """A judge: `Judge`, or a model in this process, such as an evaluation's."""

    async def score(self, reference: str, prediction: str) -> float:
        """Return the score of `prediction` against the meaning of `reference`, in [-10, 10]. Raises JudgeError."""


class Judge:
    """One judge. Belongs to one event loop."""

    def __init__(self, settings: JudgeSettings) -> None:
        self._settings = settings
        self._logged: set[str] = set()
        breaker = Breaker(FAILURES, PAUSE_S)
        self._client, self._caller = ChatClient(settings, breaker=breaker), Caller(settings, breaker)
        self._actor: Any = None

    async def score(self, reference: str, prediction: str) -> float:
        """Return the score of `prediction` against the meaning of `reference`, in [-10, 10].

        Raises
        ------
        JudgeError : there is no score, or none in time. The first of each kind is logged
        """
        try:
            if self._settings.backend == "actor":
                return await self._caller.call(lambda: self._ask_actor(reference, prediction))
            completion = await self._client.complete(judge_request(self._settings.decode, reference, prediction))
            if completion.declined or completion.cut_off:  # "-1" may be the start of -10
                text = f"got a refusal: {completion.declined}" if completion.declined else "the answer was cut off"
                raise RequestRejectedError("no_score", f"a score must be a complete answer, {text}")
            return read_score(completion.answer, reasoned=self._settings.decode == "reasoned")
        except ChatError as error:
            if error.reason not in self._logged:
                self._logged.add(error.reason)
                text = "no score from the judge: fallback (further errors of this kind are not logged): %s"
                _log.warning(text, error)
            raise JudgeError(error.text) from error

    async def _ask_actor(self, reference: str, prediction: str) -> float:
        """Return the score of the Ray actor `actor`, or `namespace/actor`.

        Raises
        ------
        RetryableError : no such actor at the moment, or it failed
        RequestRejectedError : the process is not connected to Ray, or the actor's answer is not a score
        """
        import ray

        if not ray.is_initialized():  # or Ray would start a cluster of its own, without the actor
            text = f"the actor {self._settings.actor!r} needs Ray, got a process that is not connected; call ray.init"
            raise RequestRejectedError("no_ray", text)
        namespace, _, name = self._settings.actor.rpartition("/")
        try:
            if self._actor is None:
                self._actor = await asyncio.to_thread(ray.get_actor, name, namespace or None)
            answer = await self._actor.score.remote([(reference, prediction)])
        except (ray.exceptions.RayError, ValueError) as error:
            self._actor = None
            cause = str(error).strip().splitlines()[-1:]  # Ray's texts are tracebacks
            text = f"the actor {name!r} did not answer: {type(error).__name__}: {cause}"
            raise RetryableError("actor", text) from error
        try:
            (score,) = map(float, answer)
        except (TypeError, ValueError) as error:
            text = f"an actor must answer one pair with a list of one number, got {answer!r}"
            raise RequestRejectedError("no_score", text) from error
        if not LOWEST <= score <= HIGHEST:
            raise RequestRejectedError("no_score", f"a score must be in [{LOWEST}, {HIGHEST}], got {score}")
        return score


def judge_request(decode: str, reference: str, prediction: str) -> dict[str, object]:
    """Return a greedy, reproducible request.

    `structured_outputs` (vLLM 0.12 and later) and `chat_template_kwargs` are vLLM's. The latter opens the answer where
    Qwen3's template puts it in training: after an empty rationale.
    """
    request: dict[str, object] = {
        "messages": judge_messages(reference, prediction),
        "temperature": 0,
        "seed": 0,
        "max_tokens": REASONED_TOKENS if decode == "reasoned" else INTEGER_TOKENS,
    }
    if decode in HELD_TO:
        request["structured_outputs"] = dict(HELD_TO[decode])
        request["chat_template_kwargs"] = {"enable_thinking": False}
    return request


_AROUND = r"(?:[\s*_`'\"()\[\]{}:=$]|```json|\\boxed|</?(?:s|answer|score|rating)>|<\|\w+\|>)*"
_LABEL = r"(?:(?:final )?(?:score|answer|rating))?"
_SCORE = re.compile(rf"{_AROUND}{_LABEL}{_AROUND}([+-]?[0-9]+)(?:\.0+)?{_AROUND}\.?{_AROUND}", re.IGNORECASE)


def read_score(answer: str, *, reasoned: bool = False) -> float:
    """Read the integer in an answer; a reasoned answer ends with a colon and the integer.

    The answer is one number, which equals an integer ("7.0", "+7", also with the sign U+2212), and has around it nothing but
    quotes, brackets, emphasis, a fence, a tag, a full stop and a label such as "Score:". Any other word or number makes the
    answer ambiguous: "7/10" is on another scale.

    Raises
    ------
    RequestRejectedError : "no_score", the answer, or its end, is not one of SCORES

    Examples
    --------
    >>> read_score(" -3 "), read_score("**Score:** 7."), read_score("tint +25 ; vague : 8", reasoned=True)
    (-3.0, 7.0, 8.0)
    """
    score = answer.strip().replace("\u2212", "-")
    if reasoned:  # without a colon it was cut off
        score = score_in(score) if ":" in score else f"only a reason, {score}"
    found = _SCORE.fullmatch(score) if len(score) <= QUOTED else None
    if not found or found[1].removeprefix("+") not in SCORES:
        text = f"a score must be an integer from {LOWEST} to {HIGHEST}, got {score[:QUOTED]!r}"
        raise RequestRejectedError("no_score", text)
    return float(found[1])


_judges: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[JudgeSettings, Judge]] = WeakKeyDictionary()


def shared_judge(settings: JudgeSettings) -> Judge:
    """Return the running event loop's judge with these settings, made at the first call."""
    judges = _judges.setdefault(asyncio.get_running_loop(), {})
    if settings not in judges:
        judges[settings] = Judge(settings)
    return judges[settings]


def judge_of(given: object, router: str | None) -> Scorer:
    """Return `given` itself if it is a judge, else the shared judge with these settings, see `JudgeSettings.read`."""
    return given if isinstance(given, Scorer) else shared_judge(JudgeSettings.read(given, router))

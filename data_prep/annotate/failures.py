"""What can go wrong between here and an endpoint, and what to do about each: again, not this question, or no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import openai
from tenacity import RetryCallState, wait_random_exponential

from iea.data_prep.annotate.reply import UnreadableError
from iea.data_prep.annotate.teacher import NoMoreError, UnansweredError
from iea.data_prep.runner import RejectedError

ABOUT_THE_ENDPOINT = {  # statuses that every other question would get too
    401: "set the environment variable with the API key",
    402: "pay the account",
    403: "use a key that may use this model",
    404: "mend the address (it ends in /v1 mostly) or the model's name",
}
TRANSIENT = (408, 409, 425, 429)  # and all from 500
LONGEST_ASKED = 600.0  # seconds that are waited out where a server asks for them; more is left to another run
NO_MONEY = ("insufficient_quota", "billing_hard_limit_reached")  # codes of OpenAI's 429 that no waiting mends


class AgainError(UnansweredError):
    """The same request may be sent again, `retry_after` seconds from now at the earliest where the server says so."""

    def __init__(self, reason: str, text: str, retry_after: float | None = None) -> None:
        super().__init__(reason, text)
        self.retry_after = retry_after


SEND_ERRORS = (openai.APIError, asyncio.TimeoutError, UnreadableError)
"""What sending a request and reading its response can raise."""


def classified(error: Exception) -> UnansweredError | RejectedError:
    """What an error of SEND_ERRORS comes to."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error, asyncio.TimeoutError | openai.APITimeoutError):
        return AgainError("deadline", "no answer before the deadline")
    if isinstance(error, openai.APIConnectionError):
        return AgainError("connection", f"the connection failed: {error.__cause__ or error}")
    return AgainError("broken_response", f"the response is no completion: {error}")


def _of_status(error: openai.APIStatusError) -> UnansweredError | RejectedError:
    status, text = error.status_code, f"status {error.status_code}: {error.message}"
    if status in ABOUT_THE_ENDPOINT:
        return NoMoreError(f"http_{status}", f"{text}; {ABOUT_THE_ENDPOINT[status]} and start again")
    if status == 429 and error.code in NO_MONEY:
        return NoMoreError("no_money", f"{text}; pay the account and start again")
    if status in TRANSIENT or status >= 500:
        asked = retry_after(error.response.headers, time.time())
        if asked is not None and asked > LONGEST_ASKED:
            return NoMoreError(f"http_{status}", f"{text}; start again in {asked:.0f} s, as the server asks")
        return AgainError(f"http_{status}", text, asked)
    return RejectedError(f"http_{status}", text)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a server wants to be left alone, from `Retry-After` (RFC 9110, 10.2.3: seconds or a date).

    Parameters
    ----------
    now : seconds since the epoch, which a date is counted from

    Returns
    -------
    0 or more; None where it does not say, or nothing that can be read
    """
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except (TypeError, ValueError):
        return None


def wait(base: float, longest: float, state: RetryCallState) -> float:
    """Seconds before the next try: a random time below `base` doubled at every try, but `longest` at most ("full
    jitter": requests that failed together do not come back together); after what the server asked for, where it did.
    """
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, AgainError) else None
    if asked is None:
        return wait_random_exponential(multiplier=base, max=longest)(state)
    return asked + wait_random_exponential(multiplier=base, max=base)(state)

"""Failures of an endpoint, by the remedy: retry, give up this request, or stop sending.

A refusal of one request, such as 403 for a flagged image, cannot be told from a refusal of all: the caller's breaker decides
by their number in a row.
"""

import math
import time
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime

from iea.editor.errors import NamedError
from iea.reward_fns.chat.redact import one_line

UNUSABLE = {  # statuses that every other request would get too
    401: "set key_env to the environment variable with the API key",
    402: "pay the account",
    404: "correct the address (most end in /v1) or the model's name",
}
TRANSIENT = (408, 409, 425, 429)  # and all that are not 4xx
LONGEST_RETRY_AFTER_S = 600.0  # a longer wait is left to a later run
NO_MONEY = ("insufficient_quota", "billing_hard_limit_reached")  # codes in OpenAI's 429 that no wait resolves


class ChatError(NamedError):
    """Base of the errors below; the tokens are those of a paid answer that cannot be used."""

    tokens_in = tokens_out = 0

    def __init__(self, reason: str, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason, text)
        self.retry_after_s = retry_after_s


class RetryableError(ChatError):
    """The same request may succeed later, after `retry_after_s` seconds where the server names a time."""


class RequestRejectedError(ChatError):
    """This request cannot succeed; others can."""


class EndpointUnusableError(ChatError):
    """No request can succeed until somebody intervenes."""


def status_error(status: int, headers: Mapping[str, str], body: str) -> ChatError:
    """Return the error for a response whose status is not 2xx.

    >>> status_error(503, {"Retry-After": "2"}, "busy")
    RetryableError('http_503', 'HTTP 503: busy')
    """
    reason, text = f"http_{status}", f"HTTP {status}: {one_line(body)}"
    if 300 <= status < 400:  # another host would get the images
        return EndpointUnusableError(
            reason, f"{text}. Next: set url to the address itself, redirects are not followed, then start again"
        )
    if status in UNUSABLE:
        return EndpointUnusableError(reason, f"{text}. Next: {UNUSABLE[status]}, then start again")
    if status == 429 and any(code in body for code in NO_MONEY):
        return EndpointUnusableError("no_money", f"{text}. Next: pay the account, then start again")
    if 400 <= status < 500 and status not in TRANSIENT:
        return RequestRejectedError(reason, text)
    wait_s = retry_after_s(headers.get("Retry-After", ""))
    if wait_s > LONGEST_RETRY_AFTER_S:
        return EndpointUnusableError(reason, f"{text}. Next: start again in {wait_s:g} s, as the server demands")
    return RetryableError(reason, text, wait_s)


def retry_after_s(header: str) -> float:
    """Return the seconds that `Retry-After` demands (RFC 9110, 10.2.3: seconds or a date); 0 where it is neither.

    >>> retry_after_s("7"), retry_after_s("Wed, 01 Jan 2020 00:00:00 GMT"), retry_after_s("soon")
    (7.0, 0.0, 0.0)
    """
    try:
        seconds = float(header)
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
            seconds = when.replace(tzinfo=when.tzinfo or timezone.utc).timestamp() - time.time()
        except (ValueError, OverflowError):  # a year that no clock has
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0

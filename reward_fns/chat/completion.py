"""The part of a chat completion that this project uses."""

import json
from dataclasses import dataclass
from typing import Any

from iea.reward_fns.chat.errors import QUOTED, RetryableError


@dataclass(frozen=True)
class Completion:
    """One completion.

    text : of the answer, "" = none
    declined : the model's reason for not answering, "" = it did not decline
    cut_off : whether the answer ended at the limit of its length
    metered : whether the endpoint reported the tokens
    """

    text: str
    declined: str
    cut_off: bool
    metered: bool
    tokens_in: int
    tokens_out: int

    @classmethod
    def from_body(cls, body: str) -> "Completion":
        """Read the body of a response; a part that is missing in a choice is empty.

        Raises
        ------
        RetryableError : "broken_response", the body is not a completion

        Examples
        --------
        >>> Completion.from_body('{"choices": [{"message": {"content": "7"}, "finish_reason": "stop"}]}').text
        '7'
        """
        try:
            return cls._read(json.loads(body))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            raise RetryableError(
                "broken_response",
                f"the response must be a chat completion, got {type(error).__name__} in {body[:QUOTED]!r}",
            ) from None

    @classmethod
    def _read(cls, body: Any) -> "Completion":
        choices, usage = body["choices"], body.get("usage") or {}
        choice = choices[0] if choices else {}
        message, finish = choice.get("message") or {}, choice.get("finish_reason")
        filtered = "the endpoint's content filter" if finish == "content_filter" else ""
        return cls(
            text=_text(message.get("content")),
            declined=_text(message.get("refusal")) or filtered,
            cut_off=finish == "length",
            metered=bool(usage),
            tokens_in=int(usage.get("prompt_tokens") or 0),
            tokens_out=int(usage.get("completion_tokens") or 0),
        )


def _text(content: str | None) -> str:
    """Return a text that can be sent and written: JSON may hold halves of surrogate pairs, UTF-8 may not."""
    return (content or "").encode("utf-8", "replace").decode()

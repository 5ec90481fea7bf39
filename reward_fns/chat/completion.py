"""The part of a chat completion that this project uses, and a cache of completions on disk."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iea.editor.io import replacing
from iea.reward_fns.chat.errors import QUOTED, RetryableError


@dataclass(frozen=True)
class Completion:
    """One completion.

    text : of the answer, "" = none
    declined : the model's reason for not answering, "" = it did not decline
    cut_off : True if the answer ended at the limit of its length
    metered : True if the endpoint reported the tokens
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
        """
        try:
            return cls._read(json.loads(body))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            text = f"the response must be a chat completion, got {type(error).__name__} in {body[:QUOTED]!r}"
            raise RetryableError("broken_response", text) from None

    @classmethod
    def _read(cls, body: Any) -> "Completion":
        choices, usage = body["choices"], body.get("usage") or {}
        choice = choices[0] if choices else {}
        message, finish = choice.get("message") or {}, choice.get("finish_reason")
        filtered = "the endpoint's content filter" if finish == "content_filter" else ""
        declined, tokens = _text(message.get("refusal")) or filtered, ("prompt_tokens", "completion_tokens")
        counts = [int(usage.get(name) or 0) for name in tokens]
        return cls(_text(message.get("content")), declined, finish == "length", bool(usage), *counts)


def _text(content: str | None) -> str:
    """Return a text that can be sent and written: JSON may hold halves of surrogate pairs, UTF-8 may not."""
    return (content or "").encode("utf-8", "replace").decode()


def request_key(request: Mapping[str, Any]) -> str:
    """Return the digest of a request, which does not depend on the order of its keys."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


class CompletionCache:
    """A folder of completions, one JSON file each, named by the digest of its request. Any other content counts as missing.

    Files and not a database: a rename is atomic also on network drives, where the locks of SQLite do not hold. Nothing is
    locked: of two processes that send equal requests at the same time both pay, and the last completion stays.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Completion | None:
        """Return the completion of a request, None where there is none yet."""
        try:
            return Completion(**json.loads(self._path(key).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, key: str, completion: Completion) -> None:
        """Write a completion, which is on the disk when this returns."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, partial.open("w", encoding="utf-8") as stream:
            json.dump(asdict(completion), stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

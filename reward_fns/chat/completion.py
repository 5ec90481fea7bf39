"""The part of a chat completion that this project uses, and a cache of completions on disk."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iea.editor.io import regular, replacing
from iea.reward_fns.chat.errors import ChatError, RequestRejectedError, RetryableError, status_error
from iea.reward_fns.chat.redact import one_line

MOST_TOKENS = 10**9  # of one completion; a larger count is an error of the endpoint
_RATIONALE_END = re.compile(
    r"(?:<\|?/|\[/|◁/|<\|end_of_)(?:\w{1,20}:)?(?:think|thinking|thought|reasoning)(?:\|?>|\]|▷)"
    r"|<\|channel\|>final<\|message\|>|<channel\|>",
    re.IGNORECASE,
)
# by finish_reason in lower case, of OpenAI, vLLM, TGI, Gemini, Claude, Mistral; any other, as of an abort, leaves no answer
_ENDED = {"", "stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed"}
_ENDED |= {"tool_calls", "tool_call", "tool_use", "function_call"}
_CUT_OFF = {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}
_FILTERED = {
    "content_filter",
    "safety",
    "refusal",
    "recitation",
    "blocklist",
    "prohibited_content",
    "spii",
    "sensitive",
}
_COMPLETION, _REJECTION = [str, str, bool, bool, int, int], [str, str]  # types of the values in a file


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

    @property
    def answer(self) -> str:
        """The text after the rationale that a thinking model puts before it."""
        after = _RATIONALE_END.split(self.text)[-1]
        return after if after.strip() else self.text

    @classmethod
    def from_body(cls, body: str) -> "Completion":
        """Read the body of a response.

        A completion is a choice with a text, a refusal or a tool call, or one whose finish_reason says why it has none.
        The answer is the text and the arguments of tool calls, or else the reasoning.

        Raises
        ------
        RetryableError : "broken_response", the body is something else, or the endpoint ended the answer for a reason of its
            own. As every error here, it holds the tokens that the body reports
        ChatError : that of the status which an error inside the body names
        """
        read: Any = None
        try:
            read = json.loads(body)
            return cls._read(read)
        except ChatError as error:
            failure = error
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            text = f"the response must be a chat completion, got {type(error).__name__} in {one_line(body)!r}"
            failure = RetryableError("broken_response", text)
        _, failure.tokens_in, failure.tokens_out = _metered(read.get("usage") if isinstance(read, dict) else None)
        raise failure from None

    @classmethod
    def _read(cls, body: Any) -> "Completion":
        choice = (body.get("choices") or [{}])[0]
        if fault := body.get("error") or choice.get("error"):
            code = str(fault["code"]) if isinstance(fault, dict) and "code" in fault else ""
            if re.fullmatch("[45][0-9]{2}", code):
                raise status_error(int(code), {}, json.dumps(fault))
            raise ValueError(fault)
        message, finish = choice["message"], (choice.get("finish_reason") or "").lower()
        declined = _refusal(message) or (f"finish_reason {finish}" if finish in _FILTERED else "")
        text = "\n".join(part for part in (_text(message.get("content")), _arguments(message)) if part.strip())
        if not text and finish not in _CUT_OFF:
            text = _reasoning(message)
        if finish not in _ENDED | _CUT_OFF | _FILTERED or not (text or declined or finish):
            raise ValueError(finish)
        return cls(text, declined, finish in _CUT_OFF, *_metered(body.get("usage")))


def _text(content: Any) -> str:
    """Return a text that can be sent and written: JSON may hold halves of surrogate pairs, UTF-8 may not."""
    if isinstance(content, list):  # of parts: text, and reasoning, which is not the answer
        content = "".join(part["text"] for part in content if part.get("type", "text") in ("text", "output_text"))
    return (content or "").encode("utf-8", "replace").decode()


def _refusal(message: Any) -> str:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    found = [message.get("refusal"), *(part.get("refusal") for part in parts)]
    return "".join(_text(one) for one in found if one)


def _arguments(message: Any) -> str:
    calls = [message.get("function_call"), *(message.get("tool_calls") or [])]
    calls = [call.get("function") or call.get("custom") or call for call in calls if call]
    found = [call.get("arguments") or call.get("input") for call in calls]
    return "\n".join(_text(one if isinstance(one, str) else json.dumps(one)) for one in found if one)


def _reasoning(message: Any) -> str:
    found = (message.get(name) for name in ("reasoning_content", "reasoning"))
    return next((_text(one) for one in found if isinstance(one, str) and one.strip()), "")


def _metered(usage: Any) -> tuple[bool, int, int]:
    """Return True and the tokens in and out, or False and zeros where they are not credible counts."""
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")] if isinstance(usage, dict) else []
    known = [count or 0 for count in counts if count is None or (type(count) is int and 0 <= count <= MOST_TOKENS)]
    return (True, known[0], known[1]) if len(known) == 2 and any(known) else (False, 0, 0)


def request_key(request: Mapping[str, Any]) -> str:
    """Return the digest of a request, which does not depend on the order of its keys."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


class CompletionCache:
    """A folder of completions and final rejections, one JSON file each, named by the digest of its request. Any other
    content counts as missing.

    Files and not a database: a rename is atomic also on network drives, where the locks of SQLite do not hold. Nothing is
    locked: of two processes that send equal requests at the same time both pay, and the last completion stays.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Completion | RequestRejectedError | None:
        """Return the completion of a request, or its final rejection; None where there is neither yet."""
        try:
            kept = json.loads(regular(self._path(key)).read_text(encoding="utf-8"))
            kind = RequestRejectedError if "reason" in kept else Completion
            return kind(**kept) if [*map(type, kept.values())] in (_COMPLETION, _REJECTION) else None
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def put(self, key: str, outcome: Completion | RequestRejectedError) -> None:
        """Write a completion or a final rejection, which is on the disk when this returns."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = asdict(outcome) if isinstance(outcome, Completion) else {"reason": outcome.reason, "text": outcome.text}
        with replacing(path) as partial, partial.open("w", encoding="utf-8") as stream:
            json.dump(kept, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())

    def check(self) -> None:
        """Raise OSError unless files can be written to the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            rule = f"the cache must be a folder that can be written, got {str(self.folder)!r}"
            raise OSError(f"{rule}: {error}; choose another one, or free its name") from None

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

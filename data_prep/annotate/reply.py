"""What a model answered: the form it must have, and what of it is of use."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iea.data_prep.annotate.teacher import Answer
from iea.editor import TOOLS, Program, ProgramError

SHOWN = 200  # characters of a response in an error
FAULTS_NAMED = 3  # of many, when asking again: one that mends these has read the form again


class ReplyError(ValueError):
    """An answer is of no use; `reason` names the kind of fault, the text tells the model what to mend."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason, text)
        self.reason, self.text = reason, text


class UnreadableError(ValueError):
    """What an endpoint returned is no completion: cut off, a web page, or JSON of another kind."""


@dataclass(frozen=True)
class Completion:
    """What an endpoint returned, as far as it matters.

    text : of the answer, "" = none
    declined : why the model would not answer, "" = it did not decline
    cut_off : whether the answer ended at the limit of its length
    metered : whether the endpoint told the tokens
    """

    text: str
    declined: str
    cut_off: bool
    metered: bool
    tokens_in: int
    tokens_out: int

    @classmethod
    def of(cls, body: str) -> Completion:
        """Read the body of an endpoint's response, taking what is missing in a choice for empty.

        Raises
        ------
        UnreadableError : the body is no completion
        """
        try:
            return cls._of(json.loads(body))
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            raise UnreadableError(f"{type(error).__name__}: {error}, in {body[:SHOWN]!r}") from None

    @classmethod
    def _of(cls, body: Any) -> Completion:
        choices, usage = body["choices"], body.get("usage") or {}
        choice = choices[0] if choices else {}
        message, finish = choice.get("message") or {}, choice.get("finish_reason")
        filtered = "the endpoint's content filter" if finish == "content_filter" else ""
        return cls(
            text=_text(message.get("content")),
            declined=_text(message.get("rejection")) or filtered,
            cut_off=finish == "length",
            metered=bool(usage),
            tokens_in=int(usage.get("prompt_tokens") or 0),
            tokens_out=int(usage.get("completion_tokens") or 0),
        )


class Edit(BaseModel):
    """One tool of the program. Ranges are left to Program: not every endpoint's schema knows `minimum`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    tool: Annotated[str, Field(json_schema_extra={"enum": list(TOOLS)})]
    value: int


class Reply(BaseModel):
    """The JSON object that the prompt asks for. A list of edits, for strict schemas have no optional keys."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reasoning: str
    program: list[Edit]
    expert: list[str]
    amateur: list[str]


def response_format(kind: str) -> dict[str, Any]:
    """The `response_format` of a request, as keyword: kind is "json_schema", "json_object" or "none".

    Raises
    ------
    ValueError : `kind` is none of them
    """
    if kind == "none":
        return {}
    if kind == "json_object":
        return {"response_format": {"type": "json_object"}}
    if kind == "json_schema":
        schema = {"name": "edit", "strict": True, "schema": Reply.model_json_schema()}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    raise ValueError(f"the form must be json_schema, json_object or none, got {kind!r}; choose one")


def read_reply(completion: Completion) -> Answer:
    """The answer in a completion; its tokens are for the caller to add up.

    Raises
    ------
    ReplyError : "declined", "empty_answer", "cut_off", "unparsable", "wrong_schema", "empty_program", "no_reasoning",
        "no_summary" or a reason of ProgramError
    """
    if completion.declined:
        raise ReplyError("declined", f"The model must answer, got a rejection: {completion.declined}")
    if not completion.text.strip():
        raise ReplyError("empty_answer", "The answer must be one JSON object, got nothing.")
    if completion.cut_off:
        raise ReplyError("cut_off", f"The answer was cut off at {completion.tokens_out} tokens; be briefer.")
    reply = _parsed(completion.text)
    expert, amateur = _sentences(reply.expert), _sentences(reply.amateur)
    if not reply.reasoning.strip():
        raise ReplyError("no_reasoning", '"reasoning" must say what to do and why, got nothing.')
    if not expert or not amateur:
        raise ReplyError("no_summary", '"expert" and "amateur" must each hold a sentence, got none.')
    return Answer(reply.reasoning.strip(), _program(reply.program), expert, amateur)


def _text(content: Any) -> str:
    """A text that can be sent and written: JSON may hold halves of surrogate pairs, UTF-8 may not."""
    return str(content or "").encode("utf-8", "replace").decode()


def _parsed(text: str) -> Reply:
    """The object between the first brace and the last: models without a schema put fences or words around it."""
    first, last = text.find("{"), text.rfind("}")
    try:
        return Reply.model_validate_json(text[max(first, 0) : last + 1] or text)
    except ValidationError as error:
        faults = [": ".join((".".join(map(str, e["loc"])), e["msg"])) for e in error.errors()[:FAULTS_NAMED]]
        if error.errors()[0]["type"] == "json_invalid":
            raise ReplyError("unparsable", f"The answer must be valid JSON{faults[0]}.") from None
        raise ReplyError(
            "wrong_schema", f"The JSON object is not as described: {'; '.join(faults)}."
        ) from None


def _program(edits: list[Edit]) -> Program:
    names = [edit.tool for edit in edits]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReplyError("duplicate_key", f"Every tool may be used once, got {twice[0]} twice.")
    try:
        program = Program({edit.tool: edit.value for edit in edits if edit.value})
    except ProgramError as error:
        raise ReplyError(error.reason, f"The program cannot be used: {error}.") from None
    if not program:
        raise ReplyError("empty_program", "The pictures differ, so the program must use a tool, got none.")
    return program


def _sentences(texts: list[str]) -> tuple[str, ...]:
    """Each once, on one line, none empty."""
    return tuple(dict.fromkeys(line for line in (" ".join(text.split()) for text in texts) if line))

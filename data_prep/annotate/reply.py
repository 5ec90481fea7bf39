"""The reply of a model: its form, and its conversion to an annotation."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iea.data_prep.annotate.annotation import Annotation
from iea.editor import TOOLS, Program, ProgramError
from iea.editor.errors import NamedError
from iea.reward_fns.chat import Completion

FAULTS_NAMED = 3  # in a reprompt; a model that corrects these has read the form again
MAX_CHARS, MAX_BRACES = 100_000, 300  # of an answer; a good one has some thousands and about ten
_DECODER = json.JSONDecoder()
T = TypeVar("T", bound=BaseModel)


class ReplyError(NamedError, ValueError):
    """A reply is unusable; the text is for the model to correct it."""


class Edit(BaseModel):
    """One tool of the program. Program checks the range, because not every endpoint's schema supports `minimum`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    tool: Annotated[str, Field(json_schema_extra={"enum": list(TOOLS)})]
    value: int


class Reply(BaseModel):
    """The JSON object that the prompt asks for. Its edits are a list, because strict schemas have no optional keys."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reasoning: str
    program: list[Edit]
    expert: list[str]
    amateur: list[str]


def response_format(kind: str, schema: type[BaseModel] = Reply, name: str = "edit") -> dict[str, Any]:
    """Return the `response_format` of a request. ValueError unless `kind` is json_schema, json_object or none."""
    if kind == "none":
        return {}
    if kind == "json_object":
        return {"response_format": {"type": "json_object"}}
    if kind == "json_schema":
        described = {"name": name, "strict": True, "schema": schema.model_json_schema()}
        return {"response_format": {"type": "json_schema", "json_schema": described}}
    raise ValueError(f"form must be json_schema, json_object or none, got {kind!r}")


def read_reply(completion: Completion) -> Annotation:
    """Read the annotation in a completion; the caller adds up the tokens.

    Raises
    ------
    ReplyError : a reason of `read_object` or ProgramError, "empty_program", "no_reasoning" or "no_summary"
    """
    reply = read_object(completion, Reply)
    expert, amateur = _sentences(reply.expert), _sentences(reply.amateur)
    if not reply.reasoning.strip():
        raise ReplyError("no_reasoning", '"reasoning" must say what to do and why, got nothing.')
    if not expert or not amateur:
        raise ReplyError("no_summary", '"expert" and "amateur" must each hold a sentence, got none.')
    return Annotation(reply.reasoning.strip(), _program(reply.program), expert, amateur)


def read_object(completion: Completion, schema: type[T]) -> T:
    """Read the JSON object in a completion.

    The object may stand anywhere in the answer: in a fence, between words with braces of their own, inside another object, or
    twice if both are equal. A rationale before the answer is not searched.

    Raises
    ------
    ReplyError : "declined", "empty_answer", "cut_off", "unparsable", "wrong_schema" or "several_answers"
    """
    if completion.declined:
        raise ReplyError("declined", f"The model must answer, got a refusal: {completion.declined}")
    if completion.cut_off:
        raise ReplyError("cut_off", f"The answer was cut off at {completion.tokens_out} tokens; be briefer.")
    if not completion.answer.strip():
        raise ReplyError("empty_answer", "The answer must be one JSON object, got nothing.")
    return _parsed(completion.answer, schema)


def _parsed(text: str, schema: type[T]) -> T:
    if len(text) > MAX_CHARS:
        raise ReplyError("unparsable", f"The answer must have at most {MAX_CHARS} characters, got {len(text)}.")
    found = list(_replies(text, schema))
    if not found:  # so name the fault of all that stands between the first brace and the last
        first, last = text.find("{"), text.rfind("}")
        return _validated(text[max(first, 0) : last + 1] or text, schema)
    if any(reply != found[0] for reply in found):
        raise ReplyError("several_answers", f"The answer must be one JSON object, got {len(found)} that differ.")
    return found[0]


def _replies(text: str, schema: type[T]) -> Iterator[T]:
    """Yield each valid object of a text, from the first brace on; MAX_BRACES bound the time for a hostile one."""
    at = -1
    for _ in range(MAX_BRACES):
        at = text.find("{", at + 1)
        if at < 0:
            return
        with suppress(ValueError, RecursionError, ReplyError):
            _, after = _DECODER.raw_decode(text, at)
            yield _validated(text[at:after], schema)
            at = after - 1


def _validated(text: str, schema: type[T]) -> T:
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        faults = [": ".join((".".join(map(str, e["loc"])), e["msg"])) for e in error.errors()[:FAULTS_NAMED]]
        if error.errors()[0]["type"] == "json_invalid":
            raise ReplyError("unparsable", f"The answer must be valid JSON{faults[0]}.") from None
        raise ReplyError("wrong_schema", f"The JSON object is not as described: {'; '.join(faults)}.") from None


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
    """Return each sentence once, on one line, without empty ones."""
    return tuple(dict.fromkeys(line for line in (" ".join(text.split()) for text in texts) if line))

"""Read the answers of models that were trained for the published editor, in time linear in their length.

Both published forms hold the program as JSON in a fence, with or without a rationale before it:

    <think> ... </think> <answer> ```json {"exposure": 20} ``` </answer>
    <answer> ```json {"exposure": 20} ``` </answer>

As in the published system, the first fence counts wherever it stands, the last of equal keys wins, other names than those of
tools are ignored, and values are clipped to their range. An answer that the published system cannot use gives an empty
program with a reason, not an error.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

from iea.editor.released.tools import HIGHEST, LOWEST, NAMES

Reason: TypeAlias = Literal["", "no_fence", "unparsable", "not_object", "not_number"]

FENCE, END = "```json", "```"
OTHER_NAMES: Mapping[str, str] = {"sharpen": "sharpness", "hue": "temperature", "lightness": "highlights"}
"""Names of GIER's operators -> the tools that stand for them in the published system."""


@dataclass(frozen=True)
class Answer:
    """The reading of one answer.

    program : tool -> number in [-100, 100], zeros included; empty after a fault
    reason : the fault, "" for none
    text : the fault in words
    ignored : names other than those of tools
    """

    program: Mapping[str, float]
    reason: Reason = ""
    text: str = ""
    ignored: tuple[str, ...] = ()


class _FaultError(Exception):
    def __init__(self, reason: Reason, text: str) -> None:
        self.answer = Answer({}, reason, text)


def read_answer(text: str) -> Answer:
    """Read an answer; every text has a reading.

    Raises
    ------
    TypeError : `text` is not a string

    Examples
    --------
    >>> read_answer('<answer>```json {"exposure": 120, "hue": -5, "crop": 1} ```</answer>')
    Answer(program={'exposure': 100, 'temperature': -5}, reason='', text='', ignored=('crop',))
    >>> read_answer('{"exposure": 20}').reason
    'no_fence'
    """
    if not isinstance(text, str):
        raise TypeError(f"a model's answer must be a string, got {type(text).__name__}; decode the tokens first")
    try:
        edits = _object(text)
        named = {OTHER_NAMES.get(name, name): value for name, value in edits.items()}
        program = {name: _clipped(name, value) for name, value in named.items() if name in NAMES}
    except _FaultError as fault:
        return fault.answer
    return Answer(program, ignored=tuple(name for name in named if name not in NAMES))


def _object(text: str) -> dict[str, object]:
    start = text.find(FENCE)
    end = text.find(END, start + len(FENCE))
    if start < 0 or end < 0:
        raise _FaultError("no_fence", f"an answer must hold a program between {FENCE} and {END}, got neither or one")
    try:
        loaded = json.loads(text[start + len(FENCE) : end], parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _FaultError("unparsable", f"a program must be valid JSON: {error}") from None
    if not isinstance(loaded, dict):
        raise _FaultError("not_object", f"a program must map tools to numbers, got {type(loaded).__name__}")
    return loaded


def _clipped(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _FaultError("not_number", f"the value of {name} must be a number, got {repr(value)[:60]}")
    return min(max(value, LOWEST), HIGHEST)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")

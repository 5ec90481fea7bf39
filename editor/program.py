"""Edit programs: validated, immutable, read from and written to JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal, NoReturn, TypeAlias

from iea.editor.errors import NamedError
from iea.editor.tools import TOOLS

Reason: TypeAlias = Literal["not_object", "unknown_tool", "not_integer", "out_of_range", "duplicate_key", "unparsable"]


class ProgramError(NamedError, ValueError):
    """A text or mapping is not an edit program."""

    reason: Reason


class Program(Mapping[str, int]):
    """Tool name -> integer value, by the stage of the tools.

    Parameters
    ----------
    edits : any mapping; the order of its keys does not matter. It may be empty, and values may be 0.

    Raises
    ------
    ProgramError : `edits` is not a mapping of known tools to integers within their ranges. Booleans and
        floats are not integers, not even 20.0.

    Examples
    --------
    >>> Program({"tint": -35, "exposure": 20}).to_json()
    '{"exposure": 20, "tint": -35}'
    """

    __slots__ = ("_values",)
    _values: dict[str, int]

    def __init__(self, edits: Mapping[str, int] = MappingProxyType({})) -> None:
        if isinstance(edits, Program):
            self._values = edits._values
            return
        if not isinstance(edits, Mapping):
            kind = type(edits).__name__
            raise ProgramError("not_object", f"an edit program must map tool names to integers, got {kind}")
        for name, value in edits.items():
            _check(name, value)
        self._values = {name: int(edits[name]) for name in TOOLS if name in edits}

    @classmethod
    def from_json(cls, text: str) -> "Program":
        """Read one JSON object, e.g. '{"exposure": 20, "tint": -35}'. Raises ProgramError only."""
        try:
            loaded = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        except ProgramError:
            raise
        except (ValueError, RecursionError) as error:
            raise ProgramError("unparsable", f"an edit program must be valid JSON: {error}") from None
        return cls(loaded)

    def to_json(self, first: Iterable[str] = ()) -> str:
        """Return the JSON text, with the tools of `first` in this order, then the others by stage.

        >>> Program({"exposure": 20, "tint": -35}).to_json(["tint", "fade"])
        '{"tint": -35, "exposure": 20}'
        """
        return json.dumps({name: self[name] for name in (*first, *self) if name in self})

    def __getitem__(self, name: str) -> int:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Program({self._values})"

    def without(self, name: str) -> "Program":
        """Return the program without one of its tools."""
        return Program({tool: value for tool, value in self._values.items() if tool != name})


def program_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of an edit program. It accepts 20.0 as an integer; `Program` does not."""
    properties = {
        tool.name: {
            "type": "integer",
            "minimum": tool.low,
            "maximum": tool.high,
            "description": "; ".join(
                f"{sign}: {words}" for sign, words in (("-", tool.minus), ("+", tool.plus), ("when", tool.use)) if words
            ),
        }
        for tool in TOOLS.values()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Edit program",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _check(name: object, value: object) -> None:
    if not isinstance(name, str) or name not in TOOLS:
        raise ProgramError("unknown_tool", f"a tool must be one of {', '.join(TOOLS)}, got {_short(name)}")
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise ProgramError("not_integer", f"the value of {name} must be an integer, got {_short(value)}")
    tool = TOOLS[name]
    if not tool.low <= int(value) <= tool.high:
        raise ProgramError("out_of_range", f"{name} must be in [{tool.low}, {tool.high}], got {_short(value)}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object; reject duplicate keys, where Python would keep the last."""
    loaded = dict(pairs)
    if len(loaded) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ProgramError("duplicate_key", f"a tool may be used once, got {_short(twice)} twice")
    return loaded


def _no_constant(name: str) -> NoReturn:
    raise ProgramError("unparsable", f"an edit program must be valid JSON, got {name}")


def _short(value: object) -> str:
    """Return the repr, cut to fit a log line. The digits of a huge integer are not computed."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

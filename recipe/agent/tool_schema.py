"""The tools as functions that OpenAI's chat completions and their imitators call."""

from collections.abc import Mapping
from typing import Any

from iea.editor import TOOLS, program_schema


def openai_tools() -> list[dict[str, Any]]:
    """Return a function for every tool, with the integer `value` as its argument.

    >>> first = openai_tools()[0]["function"]
    >>> first["name"], first["parameters"]["properties"]["value"]["maximum"]
    ('exposure', 100)
    """
    return [_function(name, value) for name, value in program_schema()["properties"].items()]


def _function(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    words = (TOOLS[name].minus, TOOLS[name].plus)
    about = "; ".join(f"{sign}: {one}" for sign, one in zip("-+", words, strict=True) if one)
    parameters = {
        "type": "object",
        "properties": {"value": {**value, "description": "0 changes nothing, 20 just shows, 50 is clear"}},
        "required": ["value"],
        "additionalProperties": False,
    }
    description = f"{about}. Use it when {TOOLS[name].use}" if TOOLS[name].use else about
    return {
        "type": "function",
        "function": {"name": name, "description": description, "strict": True, "parameters": parameters},
    }

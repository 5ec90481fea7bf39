"""The functions of the tools: valid for OpenAI's own types and as JSON schema."""

import json
import re
from collections.abc import Callable

import jsonschema
import pytest
from typer.testing import Result

from iea.editor import TOOLS, program_schema
from iea.recipe.agent.tool_schema import openai_tools

Iea = Callable[..., Result]


def test_every_tool_is_a_function_with_its_range() -> None:
    functions = [one["function"] for one in openai_tools()]
    assert [one["name"] for one in functions] == list(TOOLS)
    for one in functions:
        tool, schema = TOOLS[one["name"]], one["parameters"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate({"value": tool.low}, schema)
        for wrong in ({"value": tool.high + 1}, {"value": "1"}, {}, {"value": 1, "more": 2}):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(wrong, schema)
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one["name"]) and 20 < len(one["description"]) < 1024
        assert tool.plus in one["description"]


@pytest.mark.slow
def test_openai_takes_them() -> None:
    types = pytest.importorskip("openai.types.chat")
    from pydantic import TypeAdapter

    form = TypeAdapter(list[types.ChatCompletionFunctionToolParam])
    assert form.validate_python(openai_tools(), strict=True) == openai_tools()


def test_the_command_prints_them(iea: Iea) -> None:
    assert json.loads(iea("tools", "--format", "openai").output) == openai_tools()
    assert json.loads(iea("tools", "--format", "schema").output) == program_schema()
    assert iea("tools").output.startswith("# The")

"""A program as JSON beside the schema that it obeys, for other programs and agents; iea.recipe.agent.style reads it."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from iea.editor import Program, program_schema
from iea.recipe.agent.exports.format import Exported, Format, Settings

KIND = "iea-program"
KEYS = ("kind", "name", "editor", "seed", "program", "schema")


def write(program: Program, settings: Settings) -> Exported:
    """Return the program, the version of the editor, the seed of its grain, and the schema."""
    editor = f"verl-iea {version('verl-iea')}"
    values = (KIND, settings.name, editor, 0, dict(program), program_schema())
    return Exported(json.dumps(dict(zip(KEYS, values, strict=True)), indent=2, ensure_ascii=False) + "\n")


def file_schema() -> Mapping[str, Any]:
    """Return the JSON schema (draft 2020-12) of the whole file."""
    text = {"type": "string"}
    parts = {"kind": {"const": KIND}, "name": text, "editor": text, "seed": {"type": "integer"}}
    program = {key: value for key, value in program_schema().items() if key != "$schema"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "File of an edit program",
        "type": "object",
        "properties": {**parts, "program": program, "schema": {"type": "object"}},
        "required": ["kind", "program"],
    }


FORMAT = Format("json", ".json", "the program with its schema, to be read and applied again", write)

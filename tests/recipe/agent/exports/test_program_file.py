"""The JSON file: valid by its schema, read back, and never confused with a bare program."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from iea.editor import Program, ProgramError, program_schema
from iea.recipe.agent.exports import write_export
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.exports.program_file import file_schema
from iea.recipe.agent.style import read_program

DrawProgram = Callable[..., Program]


@pytest.mark.parametrize("seed", range(5))
def test_a_program_returns_as_it_was(seed: int, draw_program: DrawProgram, tmp_path: Path) -> None:
    program, out = draw_program(seed), tmp_path / "edit.json"
    exported = write_export(program, "json", out, Settings(name='"q" \u2028'))
    assert read_program(str(out)) == program
    assert exported.lines() == [], "nothing is lost"
    written = json.loads(out.read_text())
    jsonschema.validate(written, file_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(written["program"], written["schema"], jsonschema.Draft202012Validator)
    assert written["schema"] == program_schema() and written["name"] == '"q" \u2028'


def test_the_schema_refuses_another_program() -> None:
    for program in ({"sepia": 3}, {"exposure": 101}, {"exposure": "1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"kind": "iea-program", "program": program}, file_schema())


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        '{"kind": "iea-program"',
        '{"kind": "iea-program", "program": {"sepia": 1}}',
        '{"kind": "other"}',
        "{" * 9999,
    ],
)
def test_another_text_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "edit.json").write_text(text)
    with pytest.raises(ProgramError):
        read_program(str(tmp_path / "edit.json"))


def test_a_file_must_have_the_suffix_of_its_format(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the format curve must end with \.xmp, got 'photo\.jpg'"):
        write_export(Program({"exposure": 1}), "curve", tmp_path / "photo.jpg", Settings())
    with pytest.raises(ValueError, match=r"a format must be one of .*sliders.*, got 'lut'"):
        write_export(Program({"exposure": 1}), "lut", tmp_path / "a.cube", Settings())

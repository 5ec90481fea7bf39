"""Edit programs: valid and invalid ones, and the order of their keys."""

import json
import pickle

import jsonschema
import numpy as np
import pytest

from iea.editor import TOOLS, Program, ProgramError, program_schema

REFUSED_TEXTS = {
    "": "unparsable",
    "exposure 20": "unparsable",
    '{"exposure": 20': "unparsable",
    '{"exposure": 20} {"tint": 1}': "unparsable",
    '{"exposure": NaN}': "unparsable",
    '{"exposure": -Infinity}': "unparsable",
    '{"exposure": ' + "9" * 5000 + "}": "unparsable",
    "[" * 100_000: "unparsable",
    "[1, 2]": "not_object",
    "20": "not_object",
    "null": "not_object",
    '"exposure"': "not_object",
    '{"sepia": 20}': "unknown_tool",
    '{"Exposure": 20}': "unknown_tool",
    '{"": 0}': "unknown_tool",
    '{"exposure": 20.5}': "not_integer",
    '{"exposure": 20.0}': "not_integer",
    '{"exposure": "20"}': "not_integer",
    '{"exposure": true}': "not_integer",
    '{"exposure": null}': "not_integer",
    '{"exposure": [20]}': "not_integer",
    '{"exposure": 101}': "out_of_range",
    '{"exposure": -101}': "out_of_range",
    '{"fade": -1}': "out_of_range",
    '{"exposure": ' + "9" * 4000 + "}": "out_of_range",
    '{"exposure": 20, "exposure": 20}': "duplicate_key",
    '{"tint": 1, "exposure": 20, "tint": 2}': "duplicate_key",
}


def random_program(generator: np.random.Generator) -> dict[str, int]:
    names = generator.permutation(list(TOOLS))[: generator.integers(0, len(TOOLS) + 1)]
    return {str(name): int(generator.integers(TOOLS[name].low, TOOLS[name].high + 1)) for name in names}


@pytest.mark.parametrize(("text", "reason"), REFUSED_TEXTS.items(), ids=lambda text: text[:40])
def test_an_invalid_text_is_rejected_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ProgramError) as caught:
        Program.from_json(text)
    assert caught.value.reason == reason
    assert 10 < len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ([("exposure", 20)], "not_object"),
        (None, "not_object"),
        ({20: 20}, "unknown_tool"),
        ({None: 20}, "unknown_tool"),
        ({"exposure": np.float64(20)}, "not_integer"),
        ({"exposure": np.True_}, "not_integer"),
        ({"grain": 10**6}, "out_of_range"),
    ],
)
def test_an_invalid_mapping_is_rejected_with_its_reason(edits: object, reason: str) -> None:
    with pytest.raises(ProgramError) as caught:
        Program(edits)  # type: ignore[arg-type]
    assert caught.value.reason == reason


def test_a_program_error_can_be_pickled() -> None:
    with pytest.raises(ProgramError) as caught:
        Program({"sepia": 1})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.reason, str(copy)) == (caught.value.reason, str(caught.value))


def test_keys_come_in_the_editors_order() -> None:
    one = Program({"grain": 1, "tint": -35, "exposure": 20})
    other = Program({"exposure": 20, "grain": 1, "tint": -35})
    assert list(one) == ["exposure", "tint", "grain"]
    assert one == other and hash(one) == hash(other) and one.to_json() == other.to_json()
    assert one.to_json() == '{"exposure": 20, "tint": -35, "grain": 1}'


def test_random_programs_round_trip_and_fit_the_schema() -> None:
    generator = np.random.default_rng(3)
    validator = jsonschema.Draft202012Validator(program_schema())
    for _ in range(200):
        edits = random_program(generator)
        text = Program(edits).to_json()
        assert Program.from_json(text) == Program(edits) == edits
        validator.validate(json.loads(text))


def test_the_schema_rejects_the_same_values_as_the_program() -> None:
    schema = program_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(schema["properties"]) == list(TOOLS)
    for text in ("[1, 2]", '{"sepia": 20}', '{"exposure": 20.5}', '{"exposure": 101}', '{"fade": -1}'):
        assert not validator.is_valid(json.loads(text))


def test_numpy_integers_become_plain_ones() -> None:
    values = Program({"exposure": np.int64(20)})
    assert type(values["exposure"]) is int


def test_empty_programs_and_zeros_are_valid() -> None:
    assert len(Program()) == 0 and Program.from_json("{}").to_json() == "{}"
    assert dict(Program({"grain": 0})) == {"grain": 0}


def test_a_program_is_immutable_and_can_be_pickled() -> None:
    source = {"exposure": 20, "tint": 5}
    values = Program(source)
    source["exposure"] = 99
    assert values["exposure"] == 20 and Program(values) == values
    with pytest.raises(TypeError):
        values["exposure"] = 1  # type: ignore[index]
    assert pickle.loads(pickle.dumps(values)) == values
    assert values.without("exposure") == {"tint": 5} and len(values) == 2

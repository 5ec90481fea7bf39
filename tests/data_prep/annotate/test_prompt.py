"""The prompt's own example is a valid reply, and the schema agrees with the prompt."""

import json
from dataclasses import replace

import pytest

from iea.data_prep.annotate.prompt import EXAMPLE, MAX_REQUESTS, conversation, tool_table
from iea.data_prep.annotate.reply import read_reply, response_format
from iea.editor import TOOLS, Program
from iea.reward_fns.chat import Completion


def test_the_example_in_the_prompt_is_a_valid_reply(pair):
    system = conversation(pair, ("a", "b"))[0]["content"]
    shown = system[system.index("For example:") + len("For example:") :]
    answer = read_reply(Completion(shown, "", False, True, 1, 1))
    assert answer.program == {"exposure": 30, "temperature": -15}
    schema = response_format("json_schema")["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == list(EXAMPLE) == schema["required"]
    edit = schema["$defs"]["Edit"]
    assert edit["properties"]["tool"]["enum"] == list(TOOLS) and edit["additionalProperties"] is False


def test_every_tool_is_a_line_with_its_range_and_signs():
    lines = tool_table().splitlines()
    assert [line.split()[0] for line in lines] == list(TOOLS)
    assert "fade [0, 100]: + washed out" in tool_table() and "exposure [-100, 100]: - darker" in tool_table()


def test_the_teacher_reads_strengths_and_limits_of_the_tools(pair):
    system = conversation(pair, ("a", "b"))[0]["content"]
    assert "50 is clear" in system and "±45 or more is moderate" in system and "No tool crops" in system
    assert all(tool.use in system for tool in TOOLS.values())


def test_only_known_facts_are_in_the_prompt(pair):
    bare = json.dumps(conversation(replace(pair, operators=(), requests=()), ("a", "b")))
    assert "known to have used" not in bare and "asked for:" not in bare
    many = conversation(replace(pair, requests=tuple(f"request {n}" for n in range(20))), ("a", "b"))
    last = many[1]["content"][-1]["text"]
    assert last.count("- request ") == MAX_REQUESTS and "used: exposure." in last


def test_a_true_program_is_not_given_away(pair):
    assert conversation(replace(pair, program=Program({"grain": 97})), ("a", "b")) == conversation(pair, ("a", "b"))


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="json_schema, json_object or none"):
        response_format("yaml")

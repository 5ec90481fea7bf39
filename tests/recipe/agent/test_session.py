"""Conversations: requests in turn, undo, redo, less, more, parts of an edit, saved and reopened."""

import json
from pathlib import Path

import pytest

from iea.editor import Image, Program
from iea.recipe.agent.commands import Command, asks_why, command_of
from iea.recipe.agent.explain import shares, trace, why
from iea.recipe.agent.models import ModelError
from iea.recipe.agent.models.offline import Offline
from iea.recipe.agent.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    (tmp_path / "a.jpg").write_bytes(b"a photograph")
    return Session.begin(tmp_path / "a.jpg")


def test_each_request_refines_the_last_result(session: Session, cat: Image) -> None:
    model = Offline()
    assert session.say("much warmer", cat, model).program == {"temperature": 80}
    assert session.say("a bit brighter", cat, model).program == {"temperature": 80, "brightness": 20}
    assert session.say("less warm", cat, model).program == {"temperature": 35, "brightness": 20}
    assert session.say("darker", cat, model, fresh=True).program == {"brightness": -45}


def test_undo_and_redo_walk_the_steps_until_a_new_one(session: Session, cat: Image) -> None:
    model = Offline()
    for text in ("warmer", "brighter", "more contrast"):
        session.say(text, cat, model)
    session.say("undo", cat, model)
    assert session.say("undo that, please", cat, model).program == {"temperature": 45}
    assert session.say("redo", cat, model).program == {"temperature": 45, "brightness": 45}
    session.say("add grain", cat, model)
    with pytest.raises(ValueError, match="a step to redo"):
        session.say("redo", cat, model)
    assert len(session.turns) == 3
    for _ in range(3):
        session.say("undo", cat, model)
    assert session.program == {}
    with pytest.raises(ValueError, match="a step to undo"):
        session.say("undo", cat, model)


def test_less_and_more_scale_the_last_change_alone(session: Session, cat: Image) -> None:
    model = Offline()
    session.say("add a lot of grain", cat, model)
    session.say("contrast +40", cat, model)
    assert session.say("less", cat, model).program == {"contrast": 20, "grain": 80}
    assert session.say("more", cat, model).program == {"contrast": 30, "grain": 80}
    assert session.say("much less", cat, model).program == {"contrast": 8, "grain": 80}


def test_more_of_a_step_that_only_took_back_is_refused(session: Session, cat: Image) -> None:
    for text in ("exposure +20, temperature +45", "only the light", "more"):
        if text == "more":
            with pytest.raises(ValueError, match="only took some back"):
                session.say(text, cat, Offline())
        else:
            session.say(text, cat, Offline())
    assert session.program == {"exposure": 20}
    session.say("start over", cat, Offline())
    with pytest.raises(ValueError, match="only took some back"):
        session.say("more", cat, Offline())


def test_more_of_values_at_their_ends_is_refused(session: Session, cat: Image) -> None:
    session.say("temperature +100", cat, Offline())
    with pytest.raises(ValueError, match="all stay as they are"):
        session.say("more", cat, Offline())


def test_parts_of_an_edit(session: Session, cat: Image) -> None:
    session.give(Program({"exposure": 20, "shadows": 30, "temperature": 10, "grain": 5}))
    assert session.say("only the colors", cat, Offline()).program == {"temperature": 10}
    session.say("undo", cat, Offline())
    assert session.say("only the light", cat, Offline()).program == {"exposure": 20, "shadows": 30}
    with pytest.raises(ValueError, match="tools for the detail"):
        session.say("only the details", cat, Offline())
    assert session.program == {"exposure": 20, "shadows": 30}
    assert session.say("start over", cat, Offline()).program == {}


def test_a_limit_is_a_note_and_the_rest_is_done(session: Session, cat: Image) -> None:
    turn = session.say("warmer, and darken the sky", cat, Offline())
    assert turn.program == {"temperature": 45} and "darken the highlights" in turn.notes[0]


def test_a_request_for_skin_says_that_the_whole_photograph_changes(session: Session, cat: Image) -> None:
    turn = session.say("smoother skin", cat, Offline())
    assert turn.program == {"natural_contrast": -45} and "not on the skin alone" in turn.notes[0]


@pytest.mark.parametrize(
    "request_text", ["crop it", "remove the man on the left", "brighten the face", "make it fluffier"]
)
def test_a_request_without_a_tool_never_becomes_an_edit(request_text: str, session: Session, cat: Image) -> None:
    with pytest.raises(ModelError) as failure:
        session.say(request_text, cat, Offline())
    assert (failure.value.exit_status, session.turns, session.length) == (4, [], 0)


def test_a_conversation_is_saved_and_reopened(session: Session, cat: Image, tmp_path: Path) -> None:
    for text in ("warmer", "brighter, darken the sky", "undo"):
        session.say(text, cat, Offline())
    session.show(tmp_path / "a_edited.jpg")
    session.save(tmp_path / "a.iea.json")
    again = Session.open(tmp_path / "a.iea.json")
    assert again == session
    assert again.say("redo", cat, Offline()).notes == session.turns[1].notes
    saved = json.loads((tmp_path / "a.iea.json").read_text())
    assert saved["program"] == {"temperature": 45} and saved["turns"][0]["result"].endswith("a_edited.jpg")
    assert Path(saved["photo"]).is_absolute()


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        '{"turns": []}',
        '{"version": 1, "photo": "a", "sha256": "", "length": 3, "turns": []}',
        '{"version": 1, "photo": "a", "sha256": "", "length": Infinity, "turns": []}',
    ],
)
def test_a_damaged_conversation_is_refused(damage: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(damage)
    with pytest.raises(ValueError, match="must be a conversation saved by"):
        Session.open(tmp_path / "a.json")


def test_values_outside_the_ranges_in_a_file_are_refused(session: Session, cat: Image, tmp_path: Path) -> None:
    session.say("warmer", cat, Offline())
    session.save(tmp_path / "a.json")
    (tmp_path / "a.json").write_text((tmp_path / "a.json").read_text().replace("45", "450"))
    with pytest.raises(ValueError, match="temperature must be in"):
        Session.open(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [("result", 5), ("request", None), ("notes", [1]), ("program", {"temperature": True}), ("program", [])],
)
def test_values_of_another_kind_in_a_file_are_refused(
    key: str, value: object, session: Session, cat: Image, tmp_path: Path
) -> None:
    session.say("warmer", cat, Offline())
    saved = session.as_dict()
    saved["turns"][0][key] = value
    (tmp_path / "a.json").write_text(json.dumps(saved))
    with pytest.raises(ValueError, match="must be a conversation saved by"):
        Session.open(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Undo!", Command("undo")),
        ("go back please", Command("undo")),
        ("too much", Command("scale", 0.5)),
        ("a little more of that", Command("scale", 1.25)),
        ("only the colours", Command("only", part="colour")),
        ("less contrast", None),
        ("more grain", None),
        ("softer", None),
        ("why?", None),
    ],
)
def test_commands(text: str, command: Command | None) -> None:
    assert command_of(text) == command
    assert asks_why(text) == (text == "why?")


def test_why_names_requests_tools_and_their_share(session: Session, cat: Image) -> None:
    session.say("warmer and a touch more grain", cat, Offline())
    lines = why(session, cat)
    assert lines[0] == 'you said "warmer and a touch more grain"'
    assert [line.split()[0] for line in lines[1:3]] == ["temperature", "grain"]
    parts = shares(cat, session.program)
    assert parts["temperature"] > parts["grain"] > 0
    assert trace(session.program)[0].startswith("temperature       +45  moderate: ")

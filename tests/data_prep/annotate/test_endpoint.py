"""An endpoint that misbehaves costs a bounded number of requests and never more than one question."""

import base64
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from iea.data_prep.annotate import Answer, UnansweredError
from iea.data_prep.annotate import endpoint as endpoint_module
from iea.data_prep.annotate.teacher import NoMoreError
from iea.data_prep.runner import RejectedError
from iea.editor import TOOLS


def test_an_answer_is_what_the_model_said(server, config, answers, question, put_one, key):
    outcome, ledger = put_one(config, answers, question)
    assert outcome == Answer(
        server.good["reasoning"],
        outcome.program,
        ("Raise the exposure and warm the white balance.",),
        ("It is too dark and cold.",),
        1000,
        100,
    )
    assert outcome.program == {"exposure": 30, "temperature": 15}
    assert len(server.seen) == 1 == ledger.requests and ledger.retries == 0
    assert server.keys == [f"Bearer {key}"]


def test_a_request_shows_both_pictures_reduced_and_every_tool(server, config, answers, question, put_one):
    put_one(config, answers, question)
    (body,) = server.seen
    system, user = body["messages"]
    for tool in TOOLS.values():
        assert (
            f"{tool.name} [{tool.low}, {tool.high}]: " in system["content"] and tool.plus in system["content"]
        )
    urls = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
    pictures = [Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))) for url in urls]
    assert [picture.size for picture in pictures] == [(64, 48), (64, 48)]
    means = [sum(picture.convert("L").tobytes()) for picture in pictures]
    assert means[0] < means[1], "the original comes first, and the reference is brighter"
    told = user["content"][-1]["text"]
    assert "exposure" in told and "make it brighter" in told


@pytest.mark.parametrize("form", ["json_schema", "json_object", "none"])
def test_the_form_is_asked_for_as_the_endpoint_knows_it(form, server, config, answers, question, put_one):
    outcome, _ = put_one(replace(config, form=form), answers, question)
    assert isinstance(outcome, Answer)
    asked = server.seen[0].get("response_format")
    assert (asked["type"] if asked else "none") == form
    if form == "json_schema":
        schema = asked["json_schema"]["schema"]
        assert schema["required"] == list(server.good) and schema["additionalProperties"] is False


TRANSIENT: dict[str, tuple[Callable[[Any], Any], str]] = {
    "429": (lambda s: s.status(429), "http_429"),
    "429 with seconds": (lambda s: s.status(429, Retry_After="0"), "http_429"),
    "429 with a date": (lambda s: s.status(429, Retry_After="Wed, 01 Jan 2020 00:00:00 GMT"), "http_429"),
    "429 with nonsense": (lambda s: s.status(429, Retry_After="soon"), "http_429"),
    "500": (lambda s: s.status(500), "http_500"),
    "503 as a page": (lambda s: s.body(b"<html>busy</html>", 503, Content_Type="text/html"), "http_503"),
    "200 as a page": (lambda s: s.body(b"<html>hello</html>", Content_Type="text/html"), "broken_response"),
    "JSON cut short": (lambda s: s.body(b'{"id": "1", "choices": [{"ind'), "broken_response"),
    "fewer bytes than told": (lambda s: s.body(b'{"id": ', Content_Length="999"), "connection"),
    "no bytes": (lambda s: s.body(b""), "broken_response"),
    "JSON of another kind": (lambda s: s.body([1, 2]), "broken_response"),
    "choices of another kind": (lambda s: s.body({"choices": ["yes"]}), "broken_response"),
    "an error with 200": (lambda s: s.body({"error": {"message": "x"}}), "broken_response"),
    "connection reset": (lambda s: s.reset, "connection"),
}


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_may_pass_is_tried_again_until_it_is_right(fault, server, config, answers, question, put_one):
    bad = TRANSIENT[fault][0](server)
    server.script = [bad, bad, server.completion()]
    outcome, ledger = put_one(config, answers, question)
    assert isinstance(outcome, Answer)
    assert len(server.seen) == 3 == ledger.requests and ledger.retries == 2
    assert ledger.tokens_in == 1000, "what could not be read is not counted as paid"


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_does_not_pass_is_given_up_and_may_be_asked_another_time(
    fault, server, config, answers, question, put_one
):
    bad, reason = TRANSIENT[fault][0](server), TRANSIENT[fault][1]
    server.script = [bad] * config.tries + [server.completion()]
    outcome, ledger = put_one(config, answers, question)
    assert isinstance(outcome, UnansweredError) and outcome.reason == reason
    assert len(server.seen) == config.tries == ledger.requests
    assert isinstance(put_one(config, answers, question)[0], Answer), "nothing was remembered of the failure"
    assert len(server.seen) == config.tries + 1


def test_a_request_slower_than_the_deadline_is_abandoned(server, config, answers, question, put_one):
    over = threading.Event()
    server.script = [lambda handler: over.wait() and None]
    try:
        outcome, ledger = put_one(replace(config, deadline=0.2, tries=2), answers, question)
    finally:
        over.set()
    assert isinstance(outcome, UnansweredError) and outcome.reason == "deadline"
    assert ledger.requests == 2 >= len(server.seen), "on a busy machine one may be over before it arrives"


def program(*edits: tuple[str, Any]) -> dict[str, Any]:
    return {"program": [{"tool": tool, "value": value} for tool, value in edits]}


USELESS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "no JSON": (lambda s: s.completion("I would brighten it."), "unparsable", "valid JSON"),
    "JSON cut short": (lambda s: s.completion(json.dumps(s.good)[:80]), "unparsable", "valid JSON"),
    "another schema": (lambda s: s.completion({"edits": [1]}), "wrong_schema", "reasoning: Field required"),
    "a float": (
        lambda s: s.completion(s.good | program(("exposure", 20.5))),
        "wrong_schema",
        "program.0.value",
    ),
    "a huge exponent": (
        lambda s: s.completion(json.dumps(s.good).replace("30", "1e400")),
        "wrong_schema",
        "value",
    ),
    "out of range": (
        lambda s: s.completion(s.good | program(("exposure", 150))),
        "out_of_range",
        "[-100, 100]",
    ),
    "unknown tool": (lambda s: s.completion(s.good | program(("dehaze", 20))), "unknown_tool", "'dehaze'"),
    "a tool twice": (
        lambda s: s.completion(s.good | program(("tint", 5), ("tint", 9))),
        "duplicate_key",
        "tint twice",
    ),
    "no tool": (lambda s: s.completion(s.good | program(("tint", 0))), "empty_program", "must use a tool"),
    "no reasoning": (lambda s: s.completion(s.good | {"reasoning": " "}), "no_reasoning", '"reasoning"'),
    "no summary": (lambda s: s.completion(s.good | {"amateur": [" "]}), "no_summary", '"amateur"'),
    "half a surrogate pair": (lambda s: s.completion("\ud800"), "unparsable", "valid JSON"),
    "half a pair in the JSON": (
        lambda s: s.completion(json.dumps(s.good | {"reasoning": "\ud800"})),
        "unparsable",
        "valid JSON",
    ),
    "cut off": (lambda s: s.completion('{"reasoning": "', finish="length"), "cut_off", "briefer"),
    "no choices": (lambda s: s.completion(choices=[]), "empty_answer", "got nothing"),
    "no content": (lambda s: s.completion(None), "empty_answer", "got nothing"),
}


@pytest.mark.parametrize("fault", USELESS)
def test_a_useless_answer_is_asked_for_again_with_its_fault_named(
    fault, server, config, answers, question, put_one
):
    bad, _, named = USELESS[fault]
    server.script = [bad(server), server.completion()]
    outcome, ledger = put_one(config, answers, question)
    assert isinstance(outcome, Answer)
    assert len(server.seen) == 2 == ledger.requests and (ledger.reasked, ledger.retries) == (1, 0)
    assert named in server.seen[1]["messages"][-1]["content"]
    assert server.seen[1]["messages"][:2] == server.seen[0]["messages"]
    assert (outcome.tokens_in, outcome.tokens_out) == (2000, 200), "both answers were paid for"


@pytest.mark.parametrize("fault", USELESS)
def test_useless_answers_end_in_a_refusal_that_is_never_paid_for_again(
    fault, server, config, answers, question, put_one
):
    bad, reason, _ = USELESS[fault]
    server.script = [bad(server)]
    outcome, _ = put_one(config, answers, question)
    assert isinstance(outcome, RejectedError) and outcome.reason == reason and "test/0" in outcome.text
    assert len(server.seen) == 1 + config.reasks
    again, ledger = put_one(config, answers, question)
    assert again.args == outcome.args
    assert len(server.seen) == 1 + config.reasks and ledger.requests == 0


@pytest.mark.parametrize("with_words", ["```json\n{}\n```", "Here it is: {} Enjoy!"])
def test_fences_and_words_around_the_object_do_no_harm(
    with_words, server, config, answers, question, put_one
):
    server.script = [server.completion(with_words.replace("{}", json.dumps(server.good)))]
    assert isinstance(put_one(config, answers, question)[0], Answer)
    assert len(server.seen) == 1


@pytest.mark.parametrize("how", ["in words", "by a filter"])
def test_a_model_that_declines_is_not_pressed(how, server, config, answers, question, put_one):
    declining = {"in words": {"rejection": "I can't help."}, "by a filter": {"finish": "content_filter"}}[how]
    server.script = [server.completion(None, **declining)]
    outcome, _ = put_one(config, answers, question)
    assert isinstance(outcome, RejectedError) and outcome.reason == "declined"
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_request_that_the_server_calls_wrong_is_refused_at_once(
    code, server, config, answers, question, put_one
):
    server.script = [server.status(code, "picture too large")]
    outcome, _ = put_one(config, answers, question)
    assert isinstance(outcome, RejectedError) and outcome.reason == f"http_{code}"
    assert "picture too large" in outcome.text and len(server.seen) == 1


@pytest.mark.parametrize(
    "code, error, headers, reason",
    [
        (401, None, {}, "http_401"),
        (404, None, {}, "http_404"),
        (429, "insufficient_quota", {}, "no_money"),
        (429, None, {"Retry_After": "86400"}, "http_429"),
    ],
)
def test_what_every_question_would_meet_ends_the_asking(
    code, error, headers, reason, server, config, answers, tmp_path, make_question, put
):
    server.script = [server.status(code, error=error, **headers)]
    questions = [make_question(tmp_path, seed) for seed in range(3)]
    outcomes, _ = put(config, answers, questions)
    assert [one.reason for one in outcomes.unanswered.values()] == [reason] * 3
    assert len(server.seen) == 1
    assert "again" in next(iter(outcomes.unanswered.values())).text


def test_an_endpoint_that_is_down_is_left_alone(
    server, config, answers, tmp_path, make_question, monkeypatch, put
):
    monkeypatch.setattr(endpoint_module, "DOWN_AFTER", 3)
    server.script = [server.status(502)]
    questions = [make_question(tmp_path, seed) for seed in range(5)]
    outcomes, _ = put(replace(config, tries=2), answers, questions)
    reasons = [outcomes.unanswered[question.name].reason for question in questions]
    assert reasons == ["http_502"] * 3 + ["endpoint_down"] * 2
    assert len(server.seen) == 3 * 2


def test_pictures_that_cannot_be_read_cost_nothing(server, config, answers, question, tmp_path, put_one):
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    for missing in ("broken.png", "nowhere.png"):
        outcome, _ = put_one(config, answers, replace(question, reference=tmp_path / missing))
        assert isinstance(outcome, RejectedError) and outcome.reason == "unreadable"
    assert not server.seen


@pytest.mark.parametrize("wrong", [{"form": "xml"}, {"tries": 0}, {"deadline": 0}, {"reasks": -1}])
def test_settings_that_cannot_be_are_refused(wrong, config):
    with pytest.raises(ValueError, match="must be"):
        replace(config, **wrong)


def test_no_more_is_a_kind_of_unanswered():
    assert issubclass(NoMoreError, UnansweredError)

"""Annotations by a model: the request for one, unusable replies and their reprompts, and equal requests.

Faults of an endpoint in general are tested in tests/reward_fns/chat.
"""

import asyncio
import base64
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from iea.data_prep.annotate import Annotation
from iea.data_prep.annotate.online import OnlineTeacher, annotate_all
from iea.data_prep.runner import RejectedError
from iea.editor import TOOLS
from iea.reward_fns.chat import ChatError, CompletionCache, EndpointUnusableError, RetryableError

pytestmark = pytest.mark.slow  # the module as a whole


def test_an_annotation_holds_the_words_of_the_model(server, config, cache, pair, put_one, key):
    outcome, teacher = put_one(config, cache, pair)
    expert, amateur = ("Raise the exposure and warm the white balance.",), ("It is too dark and cold.",)
    assert outcome == Annotation(server.good["reasoning"], outcome.program, expert, amateur, 1000, 100)
    assert outcome.program == {"exposure": 30, "temperature": 15}
    assert len(server.seen) == 1 == teacher.usage.requests and teacher.usage.retries == 0
    assert server.keys == [f"Bearer {key}"]


def test_a_request_shows_both_images_reduced_and_every_tool(server, config, cache, pair, put_one):
    put_one(config, cache, pair)
    (body,) = server.seen
    system, user = body["messages"]
    for tool in TOOLS.values():
        assert f"{tool.name} [{tool.low}, {tool.high}]: " in system["content"] and tool.plus in system["content"]
    urls = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
    images = [Image.open(io.BytesIO(base64.b64decode(url.partition("base64,")[2]))) for url in urls]
    assert [image.size for image in images] == [(64, 48), (64, 48)]
    means = [sum(image.convert("L").tobytes()) for image in images]
    assert means[0] < means[1], "the original comes first, and the reference is brighter"
    last = user["content"][-1]["text"]
    assert "exposure" in last and "make it brighter" in last


@pytest.mark.parametrize("form", ["json_schema", "json_object", "none"])
def test_the_form_is_requested_as_configured(form, server, config, cache, pair, put_one):
    outcome, _ = put_one(replace(config, form=form), cache, pair)
    assert isinstance(outcome, Annotation)
    asked = server.seen[0].get("response_format")
    assert (asked["type"] if asked else "none") == form
    if form == "json_schema":
        schema = asked["json_schema"]["schema"]
        assert schema["required"] == list(server.good) and schema["additionalProperties"] is False


def program(*edits: tuple[str, Any]) -> dict[str, Any]:
    return {"program": [{"tool": tool, "value": value} for tool, value in edits]}


UNUSABLE: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "no JSON": (lambda s: s.completion("I would brighten it."), "unparsable", "valid JSON"),
    "JSON cut short": (lambda s: s.completion(json.dumps(s.good)[:80]), "unparsable", "valid JSON"),
    "another schema": (lambda s: s.completion({"edits": [1]}), "wrong_schema", "reasoning: Field required"),
    "a float": (lambda s: s.completion(s.good | program(("exposure", 20.5))), "wrong_schema", "program.0.value"),
    "a huge exponent": (lambda s: s.completion(json.dumps(s.good).replace("30", "1e400")), "wrong_schema", "value"),
    "out of range": (lambda s: s.completion(s.good | program(("exposure", 150))), "out_of_range", "[-100, 100]"),
    "unknown tool": (lambda s: s.completion(s.good | program(("dehaze", 20))), "unknown_tool", "'dehaze'"),
    "a tool twice": (lambda s: s.completion(s.good | program(("tint", 5), ("tint", 9))), "duplicate_key", "tint twice"),
    "no tool": (lambda s: s.completion(s.good | program(("tint", 0))), "empty_program", "must use a tool"),
    "no reasoning": (lambda s: s.completion(s.good | {"reasoning": " "}), "no_reasoning", '"reasoning"'),
    "no summary": (lambda s: s.completion(s.good | {"amateur": [" "]}), "no_summary", '"amateur"'),
    "half a surrogate pair": (lambda s: s.completion("\ud800"), "unparsable", "valid JSON"),
    "half a pair in the JSON": (
        lambda s: s.completion(json.dumps(s.good | {"reasoning": "\ud800"})),
        "unparsable",
        "valid JSON",
    ),
    "no content": (lambda s: s.completion(None), "empty_answer", "got nothing"),
    "only spaces": (lambda s: s.completion(" \n"), "empty_answer", "got nothing"),
    "too long": (lambda s: s.completion("{" * 100_001), "unparsable", "at most 100000 characters"),
    "nested too deeply": (lambda s: s.completion('{"a": ' * 10_000), "unparsable", "valid JSON"),
    "two that differ": (
        lambda s: s.completion(f"{json.dumps(s.good)} or {json.dumps(s.good | program(('tint', 5)))}"),
        "several_answers",
        "got 2 that differ",
    ),
    "words with braces and a fault": (
        lambda s: s.completion("<think>{x}</think>" + json.dumps(s.good | program(("exposure", 20.5))) + " {done}"),
        "unparsable",
        "valid JSON",
    ),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_an_unusable_reply_is_reprompted_with_its_fault(fault, server, config, cache, pair, put_one):
    bad, _, named = UNUSABLE[fault]
    server.script = [bad(server), server.completion()]
    outcome, teacher = put_one(config, cache, pair)
    assert isinstance(outcome, Annotation)
    assert len(server.seen) == 2 == teacher.usage.requests
    assert (teacher.reprompts, teacher.usage.retries) == (1, 0)
    assert named in server.seen[1]["messages"][-1]["content"]
    assert server.seen[1]["messages"][:2] == server.seen[0]["messages"]
    assert (outcome.tokens_in, outcome.tokens_out) == (2000, 200), "both replies were paid for"


@pytest.mark.parametrize("fault", UNUSABLE)
def test_unusable_replies_end_in_a_rejection_that_is_cached(fault, server, config, cache, pair, put_one):
    bad, reason, _ = UNUSABLE[fault]
    server.script = [bad(server)]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RejectedError) and outcome.reason == reason and "test/0" in outcome.text
    assert len(server.seen) == 1 + config.reprompts
    again, teacher = put_one(config, cache, pair)
    assert again.args == outcome.args
    assert len(server.seen) == 1 + config.reprompts and teacher.usage.requests == 0


CALL: Callable[[str], Any] = lambda text: [
    {"id": "1", "type": "function", "function": {"name": "edit", "arguments": text}}
]
FORMS: dict[str, Callable[[str], Any]] = {
    **{
        words: (lambda text, words=words: {"content": words.replace("JSON", text)})
        for words in (
            *(
                "```json\nJSON\n```",
                "```\nJSON\n```",
                "```JSON5\nJSON\n```",
                "~~~\nJSON\n~~~",
                "Here it is: JSON Enjoy!",
            ),
            *('<think>maybe {"exposure": 30}?</think>JSON', "<think>JSON? No, {}.</think>\n```json\nJSON\n```"),
            *(
                "no tag {here}</think>JSON",
                'Between {braces}: JSON and {more}, {"too": 1}.',
                "JSON\nJSON",
                "JSON\n\nAgain: JSON",
            ),
            *(
                "<answer>JSON</answer>",
                "[JSON]",
                '{"name": "edit", "arguments": JSON}',
                '<tool_call>{"arguments": JSON}</tool_call>',
            ),
            *("\ufeffJSON", "{ JSON", "JSON }"),
        )
    },
    "parts": lambda text: {"content": [{"type": "text", "text": text[:9]}, {"type": "text", "text": text[9:]}]},
    "a part of thinking": lambda text: {
        "content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": text}]
    },
    "reasoning_content": lambda text: {"content": None, "reasoning_content": f"Well. {text}"},
    "reasoning": lambda text: {"content": "", "reasoning": text},
    "a tool call after words": lambda text: {"content": "I record {it}.", "tool_calls": CALL(text)},
    "a tool call": lambda text: {"content": None, "tool_calls": CALL(text)},
    "a tool call as an object": lambda text: {"content": None, "tool_calls": CALL(json.loads(text))},
    "a function call": lambda text: {"content": None, "function_call": {"name": "edit", "arguments": text}},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_answer_is_read(form, server, config, cache, pair, put_one):
    message = FORMS[form](json.dumps(server.good))
    server.script = [server.completion(choices=[{"index": 0, "message": message, "finish_reason": "stop"}])]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, Annotation) and outcome.program == {"exposure": 30, "temperature": 15}
    assert len(server.seen) == 1


@pytest.mark.parametrize("content", ['{"reasoning": "', "", None])
def test_an_answer_that_was_cut_off_is_asked_for_with_more_length(content, server, config, cache, pair, put_one):
    server.script = [server.completion(content, finish="length"), server.completion()]
    outcome, teacher = put_one(config, cache, pair)
    assert isinstance(outcome, Annotation) and teacher.reprompts == 1
    first, second = server.seen
    assert second == first | {"max_completion_tokens": 2 * first["max_completion_tokens"]}


def test_an_answer_that_is_cut_off_every_time_is_rejected_by_that_name(server, config, cache, pair, put_one):
    server.script = [server.completion("", finish="length")]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RejectedError) and outcome.reason == "cut_off"
    assert [body["max_completion_tokens"] for body in server.seen] == [2000, 4000, 8000]


def test_an_endpoint_that_refuses_more_length_leaves_the_answer_cut_off(server, config, cache, pair, put_one):
    server.script = [server.completion("", finish="length"), server.status(400, "at most 2000 tokens")]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RejectedError) and outcome.reason == "cut_off"
    assert "at 2000 tokens" in outcome.text and "at most 2000 tokens" in outcome.text and len(server.seen) == 2


@pytest.mark.parametrize("choices", [None, []])
def test_a_body_without_choices_is_not_kept(choices, server, config, cache, pair, put_one):
    server.script = [server.body({"choices": choices, "error": {"code": 502, "message": "Provider returned error"}})]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RetryableError) and not list(cache.rglob("*.json"))
    server.script = [server.completion()]
    assert isinstance(put_one(config, cache, pair)[0], Annotation)


@pytest.mark.parametrize("refusal", ["in words", "in a part", "by a filter"])
def test_a_model_that_declines_is_not_reprompted(refusal, server, config, cache, pair, put_one):
    part = {"message": {"content": [{"type": "refusal", "refusal": "I can't help."}]}, "finish_reason": "stop"}
    declining = {
        "in words": {"refusal": "I can't help."},
        "in a part": {"choices": [part]},
        "by a filter": {"finish": "content_filter"},
    }[refusal]
    server.script = [server.completion(None, **declining)]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RejectedError) and outcome.reason == "declined"
    assert len(server.seen) == 1


@pytest.mark.parametrize("code", [400, 403, 413, 422])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_rejected_request_rejects_its_pair(code, place, server, config, cache, tmp_path, make_pair, put):
    requests = [make_pair(tmp_path, seed) for seed in range(3)]
    server.script = [server.completion()] * 4
    server.script[place] = server.status(code, "image flagged")
    outcomes, _ = put(config, cache, requests)
    outcome = outcomes[requests[place].name]
    assert isinstance(outcome, RejectedError) and outcome.reason == f"http_{code}"
    assert f"{requests[place].name}: HTTP {code}: " in outcome.text and "image flagged" in outcome.text
    assert len(server.seen) == 3 and sum(isinstance(one, Annotation) for one in outcomes.values()) == 2
    again, teacher = put(config, cache, requests)
    assert isinstance(again[requests[place].name], RejectedError if place < 2 else Annotation)
    assert teacher.usage.requests == (place == 2), "a rejection is final once the endpoint completed another request"


@pytest.mark.parametrize("code", [400, 403])
def test_many_rejections_in_a_row_are_those_of_their_pairs(code, server, config, cache, tmp_path, make_pair, put):
    requests = [make_pair(tmp_path, seed) for seed in range(14)]
    server.script = [server.completion(), *[server.status(code, "image flagged")] * 12, server.completion()]
    outcomes, _ = put(config, cache, requests)
    assert [getattr(outcomes[pair.name], "reason", "") for pair in requests] == ["", *[f"http_{code}"] * 12, ""]
    again, teacher = put(config, cache, requests)
    assert {name: repr(one) for name, one in again.items()} == {name: repr(one) for name, one in outcomes.items()}
    assert teacher.usage.requests == 0


@pytest.mark.parametrize("code", [400, 403, 422])
def test_pairs_of_an_endpoint_that_rejects_all_are_unanswered(code, server, config, cache, tmp_path, make_pair, put):
    requests = [make_pair(tmp_path, seed) for seed in range(12)]
    server.script = [server.status(code, "no such setting")]
    outcomes, _ = put(config, cache, requests)
    reasons = [outcomes[pair.name].reason for pair in requests]
    assert reasons == [f"http_{code}"] * 10 + ["endpoint_down"] * 2 and len(server.seen) == 10
    assert all(isinstance(one, ChatError) and "no such setting" in one.text for one in outcomes.values())
    server.script = [server.completion()]
    outcomes, _ = put(config, cache, requests)
    assert all(isinstance(one, Annotation) for one in outcomes.values())


def test_an_unexpected_error_keeps_the_answers_in_flight(server, config, cache, tmp_path, make_pair, monkeypatch):
    """The first request breaks a promise while the second is in flight, whose answer is kept; no third is sent."""
    both = threading.Barrier(2, timeout=20)

    def answer(handler: Any) -> None:
        both.wait()
        server.completion()(handler)

    server.script = [answer]
    put, broken = CompletionCache.put, threading.Event()

    def put_second(self: Any, key: str, outcome: Any) -> None:
        if not broken.is_set():
            broken.set()
            raise OSError("disk full")
        put(self, key, outcome)

    monkeypatch.setattr(CompletionCache, "put", put_second)

    async def main() -> None:
        requests = [make_pair(tmp_path, seed) for seed in range(5)]
        await annotate_all(OnlineTeacher(replace(config, concurrency=2), cache), requests, quiet=True)

    with pytest.raises(OSError, match="disk full"):
        asyncio.run(main())
    assert len(server.seen) == 2 and len(list(cache.rglob("*.json"))) == 1


def test_a_lasting_fault_leaves_its_pair_unanswered(server, config, cache, pair, put_one):
    server.script = [server.status(500)] * config.attempts + [server.completion()]
    outcome, _ = put_one(config, cache, pair)
    assert isinstance(outcome, RetryableError) and outcome.reason == "http_500"
    assert isinstance(put_one(config, cache, pair)[0], Annotation)


def test_an_unusable_endpoint_leaves_all_pairs_unanswered(server, config, cache, tmp_path, make_pair, put):
    server.script = [server.status(401)]
    outcomes, _ = put(config, cache, [make_pair(tmp_path, seed) for seed in range(3)])
    assert [one.reason for one in outcomes.values()] == ["http_401"] * 3
    assert all(isinstance(one, EndpointUnusableError) for one in outcomes.values())
    assert len(server.seen) == 1


def test_an_endpoint_that_is_down_gets_no_more_requests(server, config, cache, tmp_path, make_pair, put):
    server.script = [server.status(502)]
    requests = [make_pair(tmp_path, seed) for seed in range(12)]
    outcomes, _ = put(replace(config, attempts=1), cache, requests)
    reasons = [outcomes[pair.name].reason for pair in requests]
    assert reasons == ["http_502"] * 10 + ["endpoint_down"] * 2 and len(server.seen) == 10


def test_unreadable_images_cost_nothing(server, config, cache, pair, tmp_path, put_one):
    (tmp_path / "broken.png").write_bytes(b"not a image")
    for missing in ("broken.png", "nowhere.png"):
        outcome, _ = put_one(config, cache, replace(pair, reference=tmp_path / missing))
        assert isinstance(outcome, RejectedError) and outcome.reason == "unreadable"
    assert not server.seen


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "xml"},
        {"attempts": 0},
        {"image_side": 0},
        {"reprompts": -1},
        {"model": ""},
        {"url": ""},
        *({"temperature": one} for one in (-1.0, float("nan"), float("inf"))),
    ],
)
def test_settings_out_of_range_are_refused(wrong, config):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        replace(config, **wrong)


def test_the_same_images_elsewhere_are_the_same_request(server, config, cache, tmp_path, make_pair, put):
    first, _ = put(config, cache, [make_pair(tmp_path / "first", seed) for seed in range(3)])
    moved = [make_pair(tmp_path / "second", seed) for seed in range(3)]
    again, teacher = put(replace(config, url="http://127.0.0.1:9/v1"), cache, moved)
    assert again == first and len(server.seen) == 3
    assert (teacher.usage.requests, teacher.usage.cache_hits, teacher.usage.cost) == (0, 3, 0)


@pytest.mark.parametrize(
    "change", [{"model": "other"}, {"image_side": 32}, {"form": "none"}, {"max_tokens": 9}, {"temperature": 0.5}]
)
def test_a_setting_of_the_reply_makes_another_request(change, server, config, cache, pair, put_one):
    put_one(config, cache, pair)
    put_one(replace(config, **change), cache, pair)
    assert len(server.seen) == 2


def test_another_image_or_request_makes_another_request(server, config, cache, pair, tmp_path, make_pair, put_one):
    put_one(config, cache, pair)
    put_one(config, cache, replace(pair, requests=("darker",)))
    put_one(config, cache, replace(pair, original=make_pair(tmp_path, 7).original))
    put_one(config, cache, replace(pair, name="another/name"))
    assert len(server.seen) == 3, "the name is not sent, so it does not count"


def test_equal_requests_at_a_time_are_paid_once(server, config, cache, pair, put):
    same = [replace(pair, name=f"{number}") for number in range(4)]
    outcomes, teacher = put(replace(config, concurrency=4), cache, same)
    assert (
        [type(one) for one in outcomes.values()] == [Annotation] * 4
        and len(server.seen) == 1
        and teacher.usage.cache_hits == 3
    )


def test_concurrency_is_reached_and_not_exceeded(server, config, cache, tmp_path, make_pair, put):
    met, pending, most = threading.Barrier(2, timeout=20), 0, 0

    def together(handler: Any) -> None:
        nonlocal pending, most
        with server.lock:
            pending += 1
            most = max(most, pending)
        met.wait()  # breaks, and the test with it, unless two are pending
        with server.lock:
            pending -= 1
        server.completion()(handler)

    server.script = [together]
    requests = [make_pair(tmp_path, seed) for seed in range(6)]
    outcomes, _ = put(replace(config, concurrency=2), cache, requests)
    assert [type(one) for one in outcomes.values()] == [Annotation] * 6 and 6 == len(server.seen) and most == 2


def test_a_key_that_a_model_quotes_reaches_no_annotation(server, config, cache, pair, put_one, key):
    server.script = [server.completion(server.good | {"reasoning": f"Your key is {key}."})]
    outcome, _ = put_one(config, cache, pair)
    assert outcome.reasoning == "Your key is ***."

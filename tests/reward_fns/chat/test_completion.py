"""Every form of a completion is read, any other body is a fault; a cached completion is complete."""

import json
from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns.chat import (
    ChatError,
    Completion,
    CompletionCache,
    EndpointUnusableError,
    RequestRejectedError,
    RetryableError,
)
from iea.reward_fns.chat.completion import request_key

ONE = Completion("é \u2603", "", False, True, 3, 4)


def test_a_cached_completion_is_unchanged(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path)
    key = request_key({"model": "m"})
    assert cache.get(key) is None
    cache.put(key, ONE)
    assert cache.get(key) == ONE == CompletionCache(tmp_path).get(key)
    cache.put(key, ONE)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{key}.json"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"3", b'{"text": "x"}', b'{"other": 1}', b"\x00" * 100, b'{"text": "\xff"}'),
        b'{"text": 5, "declined": "", "cut_off": false, "metered": true, "tokens_in": 1, "tokens_out": 1}',
        b'{"reason": "http_400"}',
        b'{"reason": "http_400", "text": null}',
    ],
)
def test_a_damaged_file_counts_as_missing(content: bytes, tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path)
    cache.put("ab", ONE)
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(content)
    assert cache.get("ab") is None
    cache.put("ab", ONE)
    assert cache.get("ab") == ONE


def test_the_key_depends_on_content_and_not_on_order() -> None:
    assert request_key({"a": 1, "b": [2]}) == request_key({"b": [2], "a": 1}) != request_key({"a": 1, "b": [3]})


def test_a_final_rejection_is_kept(tmp_path: Path) -> None:
    cache = CompletionCache(tmp_path)
    cache.put("ab", RequestRejectedError("http_403", "flagged"))
    kept = cache.get("ab")
    assert isinstance(kept, RequestRejectedError) and kept.args == ("http_403", "flagged")


def read(message: Any, finish: Any = "stop", **body: Any) -> Completion:
    return Completion.from_body(json.dumps({"choices": [{"message": message, "finish_reason": finish}], **body}))


CALL = {"id": "1", "type": "function", "function": {"name": "edit", "arguments": "7"}}


@pytest.mark.parametrize(
    "message",
    [
        {"content": "7"},
        {"content": "<think>8? 6?</think>7"},
        {"content": "8?</think>7"},
        {"content": "<thinking>8?</thinking>7"},
        {"content": "<|channel|>analysis<|message|>8<|channel|>final<|message|>7"},
        {"content": [{"type": "text", "text": "7"}]},
        {"content": [{"type": "thinking", "thinking": "8?"}, {"type": "text", "text": "7"}]},
        {"content": None, "tool_calls": [CALL]},
        {"content": "", "tool_calls": [{"function": {"name": "edit", "arguments": 7}}]},
        {"content": None, "function_call": {"name": "edit", "arguments": "7"}},
        {"content": "", "reasoning_content": "7"},
        {"content": None, "reasoning": "7"},
        {"content": "7", "reasoning_content": "8?", "refusal": None, "tool_calls": None},
        {"content": "", "tool_calls": [{"type": "custom", "custom": {"name": "edit", "input": "7"}}]},
        *(
            {"content": f"{start}8? 6?{end}7"}
            for start, end in (
                *(("<Think>", "</Think>"), ("[THINK]", "[/THINK]"), ("<seed:think>", "</seed:think>")),
                *(("<|begin_of_thought|>", "<|end_of_thought|>"), ("\u25c1think\u25b7", "\u25c1/think\u25b7")),
            )
        ),
    ],
    ids=str,
)
def test_every_form_of_an_answer_is_read(message: dict[str, Any]) -> None:
    assert read(message).answer == "7"


def test_a_tool_call_after_words_is_part_of_the_answer() -> None:
    assert read({"content": "I record the edit.", "tool_calls": [CALL]}, "tool_calls").answer == "I record the edit.\n7"


@pytest.mark.parametrize("message", [{"content": ""}, {"content": None}, {}, {"content": "", "reasoning": "first"}])
@pytest.mark.parametrize("finish", ["length", "max_tokens", "MAX_TOKENS", "model_length"])
def test_an_answer_cut_off_before_its_first_word_is_a_completion(message: dict[str, Any], finish: str) -> None:
    completion = read(message, finish)
    assert completion.cut_off and completion.text == ""


@pytest.mark.parametrize(
    "body",
    [
        *({"choices": choices} for choices in (None, [], [None], [{}], [{"message": None}], {}, "7", 7)),
        {},
        {"choices": [{"message": {}}]},
        {"choices": [{"message": {"content": ""}, "finish_reason": None}]},
        *(
            {"choices": [{"message": {"content": content}, "finish_reason": finish}]}
            for content in ("", "part")
            for finish in ("error", "abort", "insufficient_system_resource", "OTHER", "cancelled", 7)
        ),
        {"choices": [{"message": {"content": "part"}, "error": {"code": "overloaded"}, "finish_reason": "stop"}]},
        *(
            {"choices": None, "error": error}
            for error in ("busy", {"message": "busy"}, {"code": 7}, {"code": True}, ["x"])
        ),
        {
            "choices": [{"message": {"content": "part"}, "finish_reason": "stop"}],
            "error": {"code": None, "message": "x"},
        },
    ],
    ids=str,
)
def test_a_body_without_a_completion_is_a_passing_fault(body: Any) -> None:
    with pytest.raises(RetryableError) as raised:
        Completion.from_body(json.dumps(body))
    assert raised.value.reason == "broken_response"


@pytest.mark.parametrize("code", [429, "503"])
@pytest.mark.parametrize("place", ["body", "choice"])
def test_an_error_inside_a_200_is_that_of_its_status(code: Any, place: str) -> None:
    assert isinstance(failure(code, place), RetryableError) and failure(code, place).reason == f"http_{code}"


@pytest.mark.parametrize(
    ("code", "kind"), [(401, EndpointUnusableError), (402, EndpointUnusableError), (403, RequestRejectedError)]
)
def test_an_error_inside_a_200_is_not_repeated_in_vain(code: int, kind: type[ChatError]) -> None:
    assert type(failure(code, "body")) is kind


def failure(code: Any, place: str) -> ChatError:
    fault = {"error": {"code": code, "message": "Provider returned error"}}
    body = {"choices": [fault]} if place == "choice" else {"choices": None, **fault}
    with pytest.raises(ChatError) as raised:
        Completion.from_body(json.dumps(body))
    return raised.value


@pytest.mark.parametrize("count", ["-5", "1e999", "1.5", "true", '"12"', "[1]", "1" + "0" * 4000, "NaN"])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens"])
def test_a_count_that_is_not_credible_is_no_count(name: str, count: str) -> None:
    usage = json.dumps({"prompt_tokens": 5, "completion_tokens": 5} | {name: "X"}).replace('"X"', count)
    completion = Completion.from_body('{"choices": [{"message": {"content": "7"}}], "usage": ' + usage + "}")
    assert (completion.metered, completion.tokens_in, completion.tokens_out) == (False, 0, 0)


@pytest.mark.parametrize("usage", [None, {}, [], "5", {"total_tokens": 5}])
def test_a_completion_without_counts_is_unmetered(usage: Any) -> None:
    assert read({"content": "7"}, usage=usage).metered is False

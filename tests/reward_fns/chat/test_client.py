"""A faulty server gets a bounded number of requests; nothing is paid twice or beyond the budget."""

import asyncio
import gc
import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asked import request, requests

from iea.reward_fns.chat import (
    Breaker,
    Budget,
    ChatClient,
    ChatError,
    Completion,
    CompletionCache,
    EndpointUnusableError,
    RequestRejectedError,
    RetryableError,
    Usage,
)

pytestmark = pytest.mark.slow  # the module as a whole


def test_a_request_is_sent_with_model_key_and_any_parameters(server, settings, complete, key):
    more = {"temperature": 0, "seed": 1, "structured_outputs": {"choice": ["a"]}}
    more["chat_template_kwargs"] = {"enable_thinking": False}
    [completion] = complete(replace(settings, url=server.url + "/"), [request(**more)])
    assert completion == Completion("hello", "", False, True, 1000, 100)
    assert server.seen == [request(**more) | {"model": "m"}]
    assert server.keys == [f"Bearer {key}"]


def test_without_a_key_none_is_sent(server, settings, complete):
    complete(replace(settings, key_env=""), [request()])
    assert server.keys == [None]


def test_a_key_that_is_not_set_is_named_and_nothing_is_sent(server, settings, complete):
    [error] = complete(replace(settings, key_env="NO_SUCH_VARIABLE_OF_OURS"), [request()])
    assert isinstance(error, EndpointUnusableError) and error.reason == "no_key"
    assert "NO_SUCH_VARIABLE_OF_OURS" in error.text and not server.seen


@pytest.mark.parametrize(
    "url, proxied", [("https://example.invalid/v1", ["example.invalid:443"]), ("http://127.0.0.1:9/v1", [])]
)
def test_https_goes_through_the_proxy_of_the_environment(url, proxied, server, settings, complete, monkeypatch):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, server.url.removesuffix("/v1"))
    monkeypatch.setenv("no_proxy", "")
    [error] = complete(replace(settings, url=url, attempts=1), [request()])
    assert isinstance(error, RetryableError) and server.proxied == proxied and not server.seen


TRANSIENT: dict[str, tuple[Callable[[Any], Any], str]] = {
    "429": (lambda s: s.status(429), "http_429"),
    "429 with seconds": (lambda s: s.status(429, Retry_After="0"), "http_429"),
    "429 with a date": (lambda s: s.status(429, Retry_After="Wed, 01 Jan 2020 00:00:00 GMT"), "http_429"),
    "429 with nonsense": (lambda s: s.status(429, Retry_After="soon"), "http_429"),
    "500": (lambda s: s.status(500), "http_500"),
    "503 as a page": (lambda s: s.body(b"<html>busy</html>", 503, Content_Type="text/html"), "http_503"),
    "200 as a page": (lambda s: s.body(b"<html>hello</html>", Content_Type="text/html"), "broken_response"),
    "JSON cut short": (lambda s: s.body(b'{"id": "1", "choices": [{"ind'), "broken_response"),
    "fewer bytes than announced": (lambda s: s.body(b'{"id": ', Content_Length="999"), "connection"),
    "no bytes": (lambda s: s.body(b""), "broken_response"),
    "bytes that are not text": (lambda s: s.body(b"\xff\xfe\x00"), "broken_response"),
    "JSON nested too deeply": (lambda s: s.body(b"[" * 10**5), "broken_response"),
    "null": (lambda s: s.body(None), "broken_response"),
    "JSON of another kind": (lambda s: s.body([1, 2]), "broken_response"),
    "choices of another kind": (lambda s: s.body({"choices": ["yes"]}), "broken_response"),
    "content of another kind": (lambda s: s.body({"choices": [{"message": {"content": 7}}]}), "broken_response"),
    "204": (lambda s: s.body(b"", 204), "broken_response"),
    "no choices": (lambda s: s.body({"choices": None}), "broken_response"),
    "an error of a provider with 200": (lambda s: s.body({"choices": [], "error": {"code": 502}}), "http_502"),
    "another packing than announced": (lambda s: s.body(b"{}", Content_Encoding="gzip"), "broken_response"),
    "a year that no clock has": (lambda s: s.status(429, Retry_After="Fri, 31 Dec 99999 23:59:59 GMT"), "http_429"),
    "an error with 200": (lambda s: s.body({"error": {"message": "x"}}), "broken_response"),
    "connection reset": (lambda s: s.reset, "connection"),
}


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_transient_fault_is_retried(fault, server, settings, complete):
    bad, usage = TRANSIENT[fault][0](server), Usage()
    server.script = [bad, bad, server.completion()]
    [completion] = complete(settings, [request()], usage=usage)
    assert completion.text == "hello"
    assert len(server.seen) == 3 == usage.requests and usage.retries == 2
    assert usage.tokens_in == 1000, "a failed request counts as free"


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_lasting_fault_is_an_error_and_not_cached(fault, server, settings, complete, tmp_path):
    bad, reason = TRANSIENT[fault][0](server), TRANSIENT[fault][1]
    server.script = [bad] * settings.attempts + [server.completion()]
    [error] = complete(settings, [request()], cache=CompletionCache(tmp_path))
    assert isinstance(error, RetryableError) and error.reason == reason
    assert len(server.seen) == settings.attempts
    [completion] = complete(settings, [request()], cache=CompletionCache(tmp_path))
    assert completion.text == "hello" and len(server.seen) == settings.attempts + 1


def test_a_server_that_is_down_is_a_connection_error(settings, complete, make_server):
    with make_server() as server:
        url = server.url
    [error] = complete(replace(settings, url=url), [request()])
    assert isinstance(error, RetryableError) and error.reason == "connection"


def test_an_attempt_that_takes_too_long_is_abandoned(server, settings, complete):
    server.script, usage = [server.hang], Usage()
    [error] = complete(replace(settings, attempt_timeout_s=0.2, attempts=2), [request()], usage=usage)
    assert isinstance(error, RetryableError) and error.reason == "timeout"
    assert usage.requests == 2 >= len(server.seen), "on a busy machine an attempt may end before it arrives"


def test_a_completion_that_takes_too_long_is_abandoned(server, settings, complete):
    server.script, usage = [server.hang], Usage()
    [error] = complete(replace(settings, timeout_s=0.4, attempts=9), [request()], usage=usage)
    assert isinstance(error, RetryableError) and error.reason == "timeout"
    assert usage.requests <= 2, "an attempt takes half of the time"


def test_a_lost_request_is_sent_once_more(server, settings, complete):
    server.script = [server.hang, server.completion()]
    [completion] = complete(replace(settings, timeout_s=3.0), [request()])
    assert completion.text == "hello" and len(server.seen) == 2


def test_a_retry_after_beyond_the_timeout_ends_the_request(server, settings, complete):
    server.script = [server.status(429, Retry_After="300"), server.completion()]
    start = time.monotonic()
    error, completion = complete(replace(settings, timeout_s=60.0), requests(2))
    assert isinstance(error, RetryableError) and error.reason == "http_429"
    assert completion.text == "hello" and len(server.seen) == 2 and time.monotonic() - start < 30


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_rejected_request_is_not_retried(code, server, settings, complete):
    server.script = [server.status(code, "image too large"), server.completion()]
    error, completion = complete(settings, requests(2))
    assert isinstance(error, RequestRejectedError) and error.reason == f"http_{code}"
    assert "image too large" in error.text and completion.text == "hello" and len(server.seen) == 2


@pytest.mark.parametrize(
    "code, error, headers, reason",
    [
        *((code, None, {}, f"http_{code}") for code in (307, 401, 402, 404)),
        (429, "insufficient_quota", {}, "no_money"),
        (429, None, {"Retry_After": "86400"}, "http_429"),
    ],
)
def test_an_unusable_endpoint_gets_no_further_request(code, error, headers, reason, server, settings, complete):
    server.script = [server.status(code, error=error, **headers)]
    errors = complete(settings, requests(3))
    assert [one.reason for one in errors] == [reason] * 3 and len(server.seen) == 1
    assert all(isinstance(one, EndpointUnusableError) and "start again" in one.text for one in errors)


def test_an_endpoint_that_is_down_is_left_alone(server, settings, complete):
    server.script = [server.status(502)]
    errors = complete(replace(settings, attempts=2), requests(5), breaker=Breaker(3, math.inf))
    assert [one.reason for one in errors] == ["http_502"] * 3 + ["endpoint_down"] * 2
    assert len(server.seen) == 3 * 2


def test_an_endpoint_that_recovers_is_used_again(server, settings):
    now = [0.0]
    server.script = [*[server.status(500)] * 3, server.completion()]

    async def main() -> None:
        breaker = Breaker(failures=2, pause_s=30.0, clock=lambda: now[0])
        client = ChatClient(replace(settings, attempts=1), breaker=breaker)

        async def reason() -> str:
            try:
                return (await client.complete(request())).text
            except ChatError as error:
                return error.reason

        assert [await reason() for _ in range(5)] == ["http_500"] * 2 + ["endpoint_down"] * 3
        assert len(server.seen) == 2
        now[0] = 31.0
        assert [await reason() for _ in range(2)] == ["http_500", "endpoint_down"]
        now[0] = 62.0
        assert [await reason() for _ in range(3)] == ["hello"] * 3

    asyncio.run(main())


def test_concurrency_is_reached_and_not_exceeded(server, settings, complete):
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
    completions = complete(replace(settings, concurrency=2), requests(6))
    assert [one.text for one in completions] == ["hello"] * 6 and len(server.seen) == 6 and most == 2


def test_a_cancelled_request_frees_its_slot(server, settings):
    server.script = [server.hang, server.completion()]

    async def main() -> str:
        client = ChatClient(settings)
        first = asyncio.create_task(client.complete(request()))
        while not server.seen:
            await asyncio.sleep(0.001)
        first.cancel()
        return (await client.complete(request())).text

    assert asyncio.run(main()) == "hello"


def test_retries_wait_for_the_rate_limit_too(server, settings):
    server.script = [server.status(500), server.completion()]

    async def main() -> bool:
        client = ChatClient(replace(settings, requests_per_minute=0.001))
        asking = asyncio.create_task(client.complete(request()))
        while not server.seen:
            await asyncio.sleep(0.001)
        done, _ = await asyncio.wait({asking}, timeout=0.5)
        asking.cancel()
        return bool(done)

    assert not asyncio.run(main())
    assert len(server.seen) == 1, "the second attempt's turn is in sixteen hours"


def test_a_loop_has_one_connection_and_closes_it(server, settings):
    async def main() -> ChatClient:
        client = ChatClient(settings)
        for number in range(3):
            await client.complete(request(number))
        return client

    client = asyncio.run(main())
    gc.collect()  # an unclosed session would warn now, and warnings are errors
    assert len(server.connections) == 1
    assert client._sessions.ag_frame is None, "the loop ended the generator, and with it the session"


def test_a_cached_completion_is_not_requested_again(server, settings, complete, tmp_path):
    cache, usage = CompletionCache(tmp_path), Usage()
    first = complete(settings, requests(3), cache=cache)
    moved = replace(settings, url="http://127.0.0.1:9/v1")
    assert complete(moved, requests(3), cache=cache, usage=usage) == first
    assert (len(server.seen), usage.requests, usage.cache_hits, usage.cost) == (3, 0, 3, 0)


def test_another_model_or_parameter_is_another_request(server, settings, complete, tmp_path):
    cache = CompletionCache(tmp_path)
    complete(settings, [request(), request(seed=1)], cache=cache)
    complete(replace(settings, model="other"), [request()], cache=cache)
    assert len(server.seen) == 3


def test_equal_requests_at_a_time_are_paid_once(server, settings, complete, tmp_path):
    usage = Usage()
    completions = complete(
        replace(settings, concurrency=4), [request()] * 4, cache=CompletionCache(tmp_path), usage=usage
    )
    assert len(set(completions)) == 1 == len(server.seen) and usage.cache_hits == 3


def test_a_long_body_is_made_only_to_be_sent(server, settings, tmp_path):
    made: list[int] = []

    def body() -> dict[str, Any]:
        made.append(1)
        return request(7)

    async def main() -> None:
        client = ChatClient(settings, cache=CompletionCache(tmp_path))
        for _ in range(2):
            await client.complete({"messages": "a digest"}, body)

    asyncio.run(main())
    assert len(made) == 1 and server.seen == [request(7) | {"model": "m"}]


def test_a_budget_ends_the_run_and_keeps_its_results(server, settings, complete, tmp_path):
    cache, dear = CompletionCache(tmp_path), Budget(price_in=1000, price_out=10000, budget=4.5)  # 1 + 1 each
    usage = Usage(dear)
    outcomes = complete(settings, requests(5), cache=cache, usage=usage)
    assert len(server.seen) == 2 and usage.cost == 4
    assert [one.reason for one in outcomes if isinstance(one, ChatError)] == ["budget"] * 3
    usage = Usage(dear)
    complete(settings, requests(5), cache=cache, usage=usage)
    assert len(server.seen) == 4 and usage.cache_hits == 2
    usage = Usage(Budget(budget_tokens=1200))
    outcomes = complete(settings, requests(5)[::-1], cache=cache, usage=usage)
    assert {type(one) for one in outcomes} == {Completion}, "a spent budget does not block the cache"
    assert usage.tokens_in + usage.tokens_out == 1100


@pytest.mark.parametrize(
    "choice",
    [
        {"message": {"content": None}, "finish_reason": None},
        {"message": {"content": "part"}, "finish_reason": "abort"},
        {"error": {"code": 502}, "finish_reason": "error"},
    ],
    ids=str,
)
def test_paid_answers_that_cannot_be_used_count_against_the_budget(choice, server, settings, complete):
    server.script, usage = [server.completion(choices=[choice])], Usage(Budget(budget_tokens=3000))
    outcomes = complete(settings, requests(3), usage=usage)
    assert [one.reason for one in outcomes] == ["budget"] * 3 and len(server.seen) == 2
    assert (usage.tokens_in, usage.tokens_out, usage.completed) == (2000, 200, False)


@pytest.mark.parametrize("place", ["cache", "cache/below"])
def test_nothing_is_sent_where_the_cache_cannot_be_written(place, server, settings, complete, tmp_path):
    (tmp_path / "cache").write_text("a file in place of the folder")
    errors = complete(replace(settings, concurrency=4), requests(4), cache=CompletionCache(tmp_path / place))
    assert all(isinstance(one, OSError) for one in errors) and not server.seen


def test_pending_requests_count_against_the_budget(server, settings, complete, tmp_path):
    cache, usage = CompletionCache(tmp_path), Usage(Budget(budget_tokens=6600))
    complete(settings, requests(1), cache=cache)

    async def main() -> list[Any]:
        client = ChatClient(replace(settings, concurrency=4), cache=cache, usage=usage)
        await client.complete(request(0))  # predicts the price
        return await asyncio.gather(*map(client.complete, requests(12)[1:]), return_exceptions=True)

    outcomes = asyncio.run(main())
    assert usage.tokens_in + usage.tokens_out <= 6600
    assert sum(isinstance(one, Completion) for one in outcomes) >= 4


@pytest.mark.parametrize("code", [400, 403])
def test_a_rejection_is_final_once_another_request_is_completed(code, server, settings, complete, tmp_path):
    server.script = [server.completion(), server.status(code, "flagged"), server.completion(), server.status(code)]
    outcomes = complete(settings, requests(4), cache=CompletionCache(tmp_path))
    assert [getattr(one, "reason", "") for one in outcomes] == ["", f"http_{code}", "", f"http_{code}"]
    server.script = [server.completion()]
    outcomes = complete(settings, requests(4), cache=CompletionCache(tmp_path))
    assert [getattr(one, "reason", "") for one in outcomes] == ["", f"http_{code}", "", ""]
    assert len(server.seen) == 5, "only the last rejection might have been the endpoint's"


@pytest.mark.parametrize("code", [400, 403])
def test_an_endpoint_that_rejects_everything_is_left_alone(code, server, settings, complete, tmp_path):
    server.script = [server.status(code)]
    outcomes = complete(settings, requests(5), cache=CompletionCache(tmp_path), breaker=Breaker(3, math.inf))
    assert [one.reason for one in outcomes] == [f"http_{code}"] * 3 + ["endpoint_down"] * 2
    assert len(server.seen) == 3 and not list(tmp_path.rglob("*.json"))

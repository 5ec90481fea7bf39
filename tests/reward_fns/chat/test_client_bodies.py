"""Keys, redirects, limits of length and bodies: what a hostile server gets and what is read of its answers."""

import base64
import gzip
import html
import json
import logging
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from asked import request, requests

from iea.reward_fns.chat import Completion, CompletionCache, EndpointUnusableError, RequestRejectedError, RetryableError
from iea.reward_fns.chat.client import LARGEST_BODY, LENGTHS
from iea.reward_fns.chat.redact import redacted

pytestmark = pytest.mark.slow  # the module as a whole


def test_a_quoted_key_is_in_no_log_file_or_error(server, settings, complete, tmp_path: Path, caplog, key):
    caplog.set_level(logging.DEBUG)
    server.script = [
        server.completion(f"Your key is {key}."),
        server.status(400, f"Incorrect API key provided: {key}"),
        server.completion(None, refusal=f"not with {key}"),
        server.body(f"<html>{key}</html>".encode()),
        server.reset,
        server.status(401, f"Incorrect API key provided: {key}"),
    ]
    outcomes = complete(settings, requests(4), cache=CompletionCache(tmp_path))
    assert len(server.seen) == 6 and server.keys == [f"Bearer {key}"] * 6
    texts = [f"{one} {one!r} {one.__context__!r} {one.__cause__!r}" for one in outcomes if isinstance(one, Exception)]
    texts += [f"{one!r}" for one in outcomes if isinstance(one, Completion)]
    assert len(texts) == 4 and any("Your key is ***." in text for text in texts)
    assert caplog.records and not any(key in text for text in [*texts, caplog.text])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3 and not any(key.encode() in path.read_bytes() for path in files)


def test_a_redirect_is_not_followed(server, settings, complete, make_server):
    with make_server() as other:
        server.script = [server.body(b"", 307, Location=f"{other.url}/chat/completions")]
        [error] = complete(settings, [request()])
        assert isinstance(error, EndpointUnusableError) and "redirects are not followed" in error.text
        assert len(server.seen) == 1 and not other.seen and not other.connections


@pytest.mark.parametrize("code", [400, 422])
@pytest.mark.parametrize("known", LENGTHS)
def test_the_limit_of_length_is_sent_by_the_name_that_the_endpoint_knows(code, known, server, settings, complete):
    sent = LENGTHS[known]

    def answer(handler: Any) -> None:
        right = known in server.seen[-1] and sent not in server.seen[-1]
        (server.completion() if right else server.status(code, f"Unsupported parameter: '{sent}'"))(handler)

    server.script = [answer]
    outcomes = complete(settings, [one | {sent: 9} for one in requests(3)])
    assert [one.text for one in outcomes] == ["hello"] * 3
    assert [body.get(known) for body in server.seen] == [None, 9, 9, 9]


TOO_LARGE = (
    "max_completion_tokens is too large: 4000. This model supports at most 3000",
    "max_completion_tokens must be 3000 or lower",
)


@pytest.mark.parametrize("text", TOO_LARGE)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_length_refused_for_its_value_loses_no_other_request(text, place, server, settings, complete):
    def answer(handler: Any) -> None:
        if "max_tokens" in server.seen[-1]:
            server.status(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")(handler)
        elif server.seen[-1]["max_completion_tokens"] > 3000:
            server.status(400, text)(handler)
        else:
            server.completion()(handler)

    server.script = [answer]
    outcomes = complete(settings, [request(i, max_completion_tokens=4000 if i == place else 9) for i in range(4)])
    refused = outcomes.pop(place)
    assert isinstance(refused, RequestRejectedError) and text in refused.text
    assert [one.text for one in outcomes] == ["hello"] * 3


def test_a_name_that_no_request_has_succeeded_with_is_not_kept(server, settings, complete):
    """The second name is refused for the content."""
    server.script = [server.status(400, "no max_tokens here"), server.status(403, "flagged"), server.completion()]
    refused, completion = complete(settings, [request(i, max_tokens=9) for i in range(2)])
    assert refused.reason == "http_403" and completion.text == "hello"
    assert ["max_tokens" in body for body in server.seen] == [True, False, True]


def test_a_limit_of_length_refused_by_both_names_is_shown(server, settings, complete):
    server.script = [server.status(422, "no max_tokens and no max_completion_tokens here")]
    [error] = complete(settings, [request(max_tokens=9)])
    assert isinstance(error, RequestRejectedError) and "no max_tokens" in error.text and len(server.seen) == 2


PLAIN = b'{"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}'


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)])
def test_a_packed_body_is_read(name, pack, server, settings, complete):
    server.script = [server.body(pack(PLAIN), Content_Encoding=name)]
    assert complete(settings, [request()])[0].text == "hello"


def endless(handler: Any) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b" " * 2**16)
    handler.close_connection = True


@pytest.mark.parametrize(
    "reaction",
    [
        lambda s: s.body(PLAIN + b" " * LARGEST_BODY),
        lambda s: s.body(gzip.compress(PLAIN + b" " * (20 * LARGEST_BODY), 9), Content_Encoding="gzip"),
        lambda s: endless,
    ],
    ids=["long", "bomb", "endless"],
)
def test_a_body_has_a_largest_size_also_unpacked(reaction, server, settings, complete):
    server.script = [reaction(server)]
    [error] = complete(replace(settings, attempts=1), [request()])
    assert isinstance(error, RetryableError) and error.reason == "broken_response" and "at most" in error.text


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON escapes": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "some JSON escapes": lambda key: key.replace("s", "\\u0073").replace("-", "\\u002D"),
    "percent": lambda key: "".join(f"%{ord(letter):02X}" for letter in key),
    "percent twice": lambda key: key.replace("-", "%252d"),
    "HTML": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "hex": lambda key: key.encode().hex(),
    **{
        f"base64 after {before!r}": lambda key, before=before: base64.b64encode(f"{before}{key}!".encode()).decode()
        for before in ("", "u:", "me:")
    },
    "base64 of URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("awkward", ["", "/+<'\\\"?"])
@pytest.mark.parametrize("place", ["content", "raw content", "refusal", 200, 400, 401, 403, 503])
def test_a_key_quoted_in_any_form_is_removed(place, awkward, form, server, settings, complete, key, monkeypatch):
    key += awkward
    monkeypatch.setenv("A_KEY", key)
    quoted = FORMS[form](key)
    if place == "raw content":  # the reply itself is JSON, with escapes of its own
        body = server.completion(json.dumps({"reasoning": f"Your key is {key}."}).replace(key, quoted))
    elif place in ("content", "refusal"):
        body = server.completion(quoted) if place == "content" else server.completion(None, refusal=quoted)
    else:
        body = server.body(f"<p>{quoted}</p>".encode(), place)
    server.script = [body]
    [outcome] = complete(replace(settings, attempts=1), [request()])
    assert "***" in repr(outcome) and quoted not in repr(outcome)
    for unescaped in (str, unquote, html.unescape):
        assert key not in unescaped(repr(outcome))


@pytest.mark.parametrize("piece", ["\\", "\\u", "%25", "&#0", "s", "sk-", "c2st", "A", "\\/"])
def test_a_key_is_looked_for_in_time_linear_in_the_body(piece, key):
    """A quadratic search would take hours."""
    text = piece * (2**18 // len(piece))
    assert redacted(text + key, key).endswith("***")


@pytest.mark.parametrize("bad", ["sk-12 345678", "sk-12\n345678", "sk-\u00e9-12345678", "sk-\x00-12345678"])
def test_a_key_that_is_not_one_line_of_ascii_is_named_and_not_shown(bad, server, settings, complete, monkeypatch):
    monkeypatch.setattr(os, "environ", {"A_KEY": bad})
    [error] = complete(settings, [request()])
    assert error.reason == "no_key" and "A_KEY" in error.text and bad not in error.text and not server.seen

"""A hostile endpoint: completions, broken on purpose in their JSON, their bytes, their headers and their delivery."""

import asyncio
import base64
import gzip
import json
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

KEY = "sk-/1234567890+fuzz"
GOOD = {
    "reasoning": "The image is dark. First exposure.",
    "program": [{"tool": "exposure", "value": 30}],
    "expert": ["Raise the exposure."],
    "amateur": ["It is too dark."],
}
ODD: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        7,
        2**70,
        -(2**70),
        1.5,
        1e308,
        "",
        " ",
        "7",
        "-3.",
        "\x00",
        "\ud800",
        "\u202e7",
        "null",
        KEY,
    ),
    *(
        [],
        {},
        [None],
        [[]],
        ["7"],
        [{"type": "text", "text": "7"}],
        {"text": 7},
        {"code": 429},
        {"code": "401", "message": KEY},
    ),
    *(
        "length",
        "content_filter",
        "error",
        "tool_calls",
        "<think>7</think>",
        "{" * 3000,
        json.dumps(GOOD),
        "x" * 50_000,
    ),
]
RAW = [
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "9" * 5000,
    "-0",
    '"\\ud800"',
    '"\\u0073k"',
    "[" * 3000,
    '{"a":' * 3000,
    "tru",
    "'",
]
STATUSES = [
    *(200,) * 12,
    *(100, 101, 103, 201, 204, 206, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 408, 413, 418, 422, 425, 429),
    *(500, 502, 503, 504, 529, 599, 600, 999, 1000, 0, -1, "abc", "", "２００"),
]
HEADERS: list[tuple[str, str]] = [
    *(("Retry-After", value) for value in ("0", "0.001", "-1", "nan", "inf", "1e999", "soon", "", "99999", "\u00bd")),
    *(
        ("Retry-After", date)
        for date in ("Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 31 Dec 1999 23:59:59", "Fri, 99 Foo 9999 99:99:99 -9999")
    ),
    *(
        ("Content-Encoding", value)
        for value in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity", "GZIP", "x")
    ),
    *(("Transfer-Encoding", value) for value in ("chunked", "gzip, chunked", "x")),
    *(("Content-Length", value) for value in ("0", "5", "-1", "x", "99999999999999999999", "1e3", "")),
    *(("Content-Type", value) for value in ("text/html", "application/json; charset=bogus", "x;;;=", "\x00")),
    *(("Location", value) for value in ("/", "http://127.0.0.1:9/", "file:///etc/passwd", "http://[", f"//{KEY}@x/")),
    *(
        ("Set-Cookie", "a=b; Domain=x"),
        ("Connection", "close"),
        ("X" * 9000, "1"),
        ("X", "y" * 9000),
        ("X Y", "1"),
        ("", ""),
    ),
]


def completion(rng: random.Random) -> Any:
    """Return a completion in one of the forms that are read."""
    text = rng.choice(
        [
            "7",
            "-10.",
            "**3**",
            json.dumps(GOOD),
            f"```json\n{json.dumps(GOOD)}\n```",
            f"<think>{{7}}</think>{json.dumps(GOOD)}",
            KEY,
        ]
    )
    call = {"id": "1", "type": "function", "function": {"name": "edit", "arguments": text}}
    message = rng.choice(
        [
            *({"role": "assistant", "content": text, "refusal": None},) * 3,
            {"content": [{"type": "text", "text": text}]},
            {"content": None, "tool_calls": [call, call]},
            {"content": "", "reasoning_content": text},
            {"content": None, "function_call": call["function"]},
            {"content": None, "refusal": text},
        ]
    )
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    choice = {"index": 0, "message": message, "finish_reason": rng.choice(["stop", "stop", "length", None])}
    return {"id": "1", "model": "m", "choices": [choice], "usage": usage}


def changed(value: Any, rng: random.Random) -> Any:
    """Replace, remove or repeat one random part of a JSON value."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: one for name, one in value.items() if name != key} | (
                {"error": rng.choice(ODD)} if rng.random() < 0.5 else {}
            )
        return {**value, key: changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], changed(value[at], rng), *value[at:][rng.randint(0, 1) :]]
    return rng.choice(ODD)


def body(rng: random.Random) -> bytes:
    """Return the bytes of a response: a completion after up to three changes, with the key in one of its forms."""
    value = completion(rng)
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        value = changed(value, rng)
    text = json.dumps(value)
    if rng.random() < 0.15:
        text = text.replace(rng.choice(["1000", "100", "null", '"1"']), rng.choice(RAW), 1)
    form = rng.choice(
        [str, _escaped, lambda key: base64.b64encode(key.encode()).decode(), lambda key: key.replace("/", "%2F")]
    )
    data = bytearray(text.replace(json.dumps(KEY)[1:-1], form(KEY)).encode())
    for _ in range(rng.choice((0, 0, 0, 1, 4)) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    if rng.random() < 0.1:
        data = data[: rng.randint(0, len(data))]
    return (
        bytes(data)
        if rng.random() < 0.95
        else rng.choice((b"", b"<html>busy</html>", b"\xff\xfe\x00", b"\xef\xbb\xbf" + data, rng.randbytes(500)))
    )


def _escaped(key: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in key)


def response(rng: random.Random) -> list[bytes]:
    """Return the pieces of a response; an empty piece stands for a pause until the client gives up."""
    data, headers = body(rng), dict(rng.sample(HEADERS, rng.choice((0, 0, 1, 1, 2))))
    packing = headers.get("Content-Encoding", "")
    if packing.lower() in ("gzip", "deflate") and rng.random() < 0.8:
        bomb = b" " * (rng.choice((0, 0, 0, 64)) * 2**20)
        data = (gzip.compress if packing.lower() == "gzip" else zlib.compress)(bomb + data, 1)
    if "Transfer-Encoding" in headers and rng.random() < 0.7:
        data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)
    elif rng.random() < 0.9:
        headers = {"Content-Length": str(len(data))} | headers
    lines = [
        f"HTTP/1.1 {rng.choice(STATUSES)} {rng.choice(('OK', '', KEY))}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogatepass")
    return rng.choice(DELIVERIES)(head, data, rng)


def _endless(head: bytes, data: bytes, rng: random.Random) -> list[bytes]:
    start = head.replace(b"Content-Length", b"X-Length")
    return [start, *(rng.choice((b" ", b"[", b'{"a":', b"9"))[:1] * 2**20 for _ in range(10))]


DELIVERIES: list[Callable[[bytes, bytes, random.Random], list[bytes]]] = [
    *(lambda head, data, rng: [head + data],) * 12,
    lambda head, data, rng: [bytes([one]) for one in head[:200]] + [head[200:] + data],
    lambda head, data, rng: [head, data[: len(data) // 2], b""],
    lambda head, data, rng: [head[: rng.randint(0, len(head))]],
    lambda head, data, rng: [head + data, head + data],
    lambda head, data, rng: [rng.randbytes(rng.randint(1, 300))],
    lambda head, data, rng: [b"HTTP/1.1 100 Continue\r\n\r\n" * rng.choice((1, 1000)) + head + data],
    lambda head, data, rng: [b""],
    _endless,
]


class Endpoint:
    """Answers every request with the next hostile response of a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, and close it."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
            for piece in response(self.rng):
                if not piece:
                    await reader.read()  # until the client gives up
                writer.write(piece)
                await writer.drain()
        writer.close()

"""Make what an endpoint answers fit for files and logs: without the API key, and in one line."""

import base64
import functools
import html
import re

QUOTED = 300  # characters of a response in an error
SHORTEST_KEY = 5  # a shorter "key" is a placeholder, and its letters may occur anywhere


def redacted(text: str, key: str) -> str:
    """Return the text with *** in place of the key, also where it is escaped as in JSON, URLs, HTML, hex or base64.

    >>> redacted("not with sk-1\\\\u0032345, c2stMTIzNDU=, sk%2D12345", "sk-12345")
    'not with ***, ***=, ***'
    """
    return _forms(key).sub("***", text) if len(key) >= SHORTEST_KEY else text


@functools.lru_cache(maxsize=8)
def _forms(key: str) -> re.Pattern[str]:
    packed = [_base64(key.encode(), before) for before in range(3)]
    packed += [one.replace("+", "-").replace("/", "_") for one in packed]
    packed = [rf"[\w+/-]?{re.escape(one)}[\w+/-]?".replace("/", r"\\{0,8}/") for one in packed]
    return re.compile("|".join(["".join(map(_letter, key)), f"(?i:{key.encode().hex()})", *packed]))


def _letter(letter: str) -> str:
    """Return the pattern of one letter; the number of backslashes is bounded, or a million of them would take hours."""
    code = ord(letter)
    escapes = rf"\\{{1,8}}u{code:04x}|\\{{1,8}}x{code:02x}|%(?:25)*{code:02x}|&\#0*{code};|&\#x0*{code:x};"
    return rf"(?:\\{{0,8}}{re.escape(letter)}|(?i:{escapes})|{re.escape(html.escape(letter))})"


def _base64(key: bytes, before: int) -> str:
    """Return the part of a base64 text that depends on the key alone, if `before` (modulo 3) bytes precede it."""
    return base64.b64encode(bytes(before) + key + bytes(2)).decode()[-(-before * 8 // 6) : (before + len(key)) * 8 // 6]


def one_line(body: str) -> str:
    """Return the start of a response for an error or a log, where control characters must not reach a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in body[:QUOTED])

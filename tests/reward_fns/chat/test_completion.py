"""A cached completion is complete, and no other file counts as one."""

from pathlib import Path

import pytest

from iea.reward_fns.chat import Completion, CompletionCache
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
    "content", [b"", b"{", b"[]", b"3", b'{"text": "x"}', b'{"other": 1}', b"\x00" * 100, b'{"text": "\xff"}']
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

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from iea.data_prep.ingest.sources.records import clean_request, file_name, image_name, read_records, requests
from iea.data_prep.ingest.sources.source import Rejected


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Brighten \n the\tsky ", "Brighten the sky"),
        ("[SPECIFIC] Make it warmer", "Make it warmer"),
        ("B&W", "B&W"),
        ("more con\x00trast\x07!", "more con trast !"),
        ("Größer, heller", "Größer, heller"),
        ("", ""),
        ("??", ""),
        ("hi", ""),
        ("[deleted]", ""),
        ("n/a", ""),
        ("x" * 601, ""),
    ],
)
def test_a_request_is_cleaned_or_dropped(text: str, cleaned: str) -> None:
    assert clean_request(text) == cleaned


def test_requests_keep_their_order_without_repetitions() -> None:
    assert requests(["Brighten", "warmer", "brighten", float("nan"), 3, None, "!!"], "k") == ("brighten", "warmer")


@pytest.mark.parametrize("nothing", [None, float("nan"), []])
def test_a_missing_list_gives_no_requests(nothing: object) -> None:
    assert requests(nothing, "k") == ()


def test_a_lone_surrogate_is_an_error() -> None:
    with pytest.raises(UnicodeError):
        requests(["brighten \ud83d it"], "k")


@pytest.mark.parametrize(
    "name",
    ["../up.jpg", "/etc/passwd", "a/b.jpg", "..\\up.jpg", "a\0.jpg", "", None, float("nan"), 7, "é" * 130 + ".jpg"],
)
def test_an_image_must_have_a_plain_file_name(name: object) -> None:
    with pytest.raises(ValueError, match="input"):
        image_name({"input": name}, "input")


@pytest.mark.parametrize("name", [b"a.jpg", b"100% \xff\xfe sure.jpg", "Straße/ü.png".encode(), b"line\nbreak"])
def test_a_file_name_becomes_ascii_and_back(name: bytes) -> None:
    encoded = file_name(os.fsdecode(name))
    assert encoded.isascii() and encoded.isprintable()
    assert unquote_to_bytes(encoded) == name


@pytest.mark.parametrize("content", [b"{}", b"", b"[1,", b"\xff\xfe\x00", b"[" * 100_000, b'"text"', b"NaN"])
def test_a_file_without_a_list_is_rejected_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.json"
    path.write_bytes(content)
    (only,) = read_records(path)
    assert isinstance(only, Rejected) and only.reason == "malformed_json"


def test_rows_that_are_not_objects_are_rejected_singly(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"a": 1}, None, [2], {"b": float("nan")}]))
    found = list(read_records(path))
    assert [isinstance(one, Rejected) for one in found] == [False, True, True, False]

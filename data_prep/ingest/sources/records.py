"""Annotation files as they are found: lists of JSON records of which any may be broken, and texts typed by anybody."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from iea.data_prep.ingest.sources.source import Rejected

LONGEST = 600  # characters of a request; the longest of GIER has 342, what is longer is a pasted page
NONSENSE = frozenset({"hi", "hello", "test", "none", "nothing", "na", "nan", "nnm", "no", "yes", "ok", "deleted"})
_TAG = re.compile(
    r"^\s*\[\s*(?:specific|deleted|removed|request)\s*\]", re.IGNORECASE
)  # of the forum, not of the request
_LETTERS = re.compile(r"[^\W\d_]")


def read_records(path: Path) -> Iterator[dict[str, Any] | Rejected]:
    """The records of a JSON list, in order; Rejected for those that are none, and for a file that is no such list."""
    try:
        loaded = json.loads(path.read_bytes())
    except OSError as error:
        yield Rejected(file_name(path.name), "unreadable_annotations", f"{path}: {error.strerror}")
        return
    except (ValueError, RecursionError) as error:
        yield Rejected(file_name(path.name), "malformed_json", f"{path} must be JSON: {error}")
        return
    if not isinstance(loaded, list):
        kind = type(loaded).__name__
        yield Rejected(file_name(path.name), "malformed_json", f"{path} must hold a JSON list, got {kind}")
        return
    for number, record in enumerate(loaded):
        if isinstance(record, dict):
            yield record
        else:
            text = f"row {number} of {path} must be a JSON object, got {type(record).__name__}"
            yield Rejected(f"{file_name(path.name)}/{number}", "malformed_row", text)


def picture_name(record: Mapping[str, Any], key: str) -> str:
    """The plain file name under `key`.

    Raises
    ------
    ValueError : it is missing, NaN, no text, or would lead out of the folder of pictures
    """
    name = record.get(key)
    if not isinstance(name, str) or not name:
        raise ValueError(f"{key!r} must name a picture, got {name!r}")
    if not is_text(name) or name != PurePath(name).name or "\0" in name or "\\" in name:
        raise ValueError(f"{key!r} must be the plain name of a file, got {name!r}")
    return name


def pictures_folder(root: Path) -> Path:
    """`images` below the root where there is such a folder, else the root itself."""
    return root / "images" if (root / "images").is_dir() else root


def requests(value: object, key: str) -> tuple[str, ...]:
    """The usable texts of a list, cleaned, each once; None and NaN, which stand for no list, give none.

    Raises
    ------
    TypeError : it is no list
    UnicodeError : a text holds half a character (a lone surrogate): the row was cut or wrongly re-coded
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ()
    if not isinstance(value, list):
        raise TypeError(f"{key!r} must be a list of texts, got {type(value).__name__}")
    cleaned = (clean_request(text) for text in value if isinstance(text, str))
    return tuple({text.lower(): text for text in cleaned if text}.values())


def clean_request(text: str) -> str:
    """`text` on one line without tags and control characters; "" where nothing is asked.

    Raises
    ------
    UnicodeError : it holds a lone surrogate
    """
    text.encode()
    plain = " ".join("".join(c if c.isprintable() else " " for c in _TAG.sub("", text)).split())
    letters = "".join(_LETTERS.findall(plain))
    short = len(letters) < 2 or len(plain) > LONGEST
    return "" if short or letters.lower() in NONSENSE else plain


def is_text(text: str) -> bool:
    """Whether `text` is whole Unicode, as parquet and JSON want it."""
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def file_name(path: str | os.PathLike[str]) -> str:
    """A file's name as ASCII, reversibly: its bytes, percent-encoded but for letters, digits and "-_.~/ ".

    Names on disk are bytes that need not be UTF-8, and the tables hold text. urllib.parse.unquote_to_bytes undoes it.
    """
    return quote(os.fsencode(path), safe="/ ")

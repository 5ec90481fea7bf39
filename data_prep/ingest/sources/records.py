"""Read the annotation files of GIER and FiveKReq: lists of JSON records, any of which may be broken, and free texts."""

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, TypeVar, cast
from urllib.parse import quote

from iea.data_prep.ingest.sources.source import Listed, Rejected, Split
from iea.editor.io import regular

LONGEST = 600  # characters of a request; the longest of GIER has 342, longer texts are pasted pages
NONSENSE = frozenset({"hi", "hello", "test", "none", "nothing", "na", "nan", "nnm", "no", "yes", "ok", "deleted"})
Loaded = TypeVar("Loaded", list[Any], dict[str, Any])
NAME_BYTES = 255  # of a file on all common systems
SPLIT_FILE = re.compile(r"(train|val|test)_sess_\d+\.json")
_TAG = re.compile(r"^\s*\[\s*(?:specific|deleted|removed|request)\s*\]", re.IGNORECASE)  # of the forum
_LETTERS = re.compile(r"[^\W\d_]")


def split_files(root: Path) -> list[tuple[Path, Split]]:
    """Return the annotation files of T2ONet in `splits/` and the root, and the split of each."""
    folders = [root / "splits", root]
    found = sorted(path for folder in folders if folder.is_dir() for path in folder.glob("*_sess_*.json"))
    return [(path, cast(Split, match[1])) for path in found if (match := SPLIT_FILE.fullmatch(path.name))]


def list_records(
    files: Sequence[tuple[Path, Split]], listed: Callable[[Mapping[str, Any], Split, str], Listed | Rejected]
) -> Iterator[Listed | Rejected]:
    """List or reject every record of annotation files; a record that repeats an earlier pair is rejected.

    Parameters
    ----------
    files : and the split of each; a file without a split repeats the others, so its repeated pairs are skipped
    listed : (record, split, file and row) -> the pair
    """
    seen: set[str] = set()
    for path, split in files:
        earlier = set() if split else set(seen)
        for number, record in enumerate(read_records(path)):
            if isinstance(record, Rejected):
                yield record
                continue
            one = listed(record, split, f"{file_name(path.name)}/{number}")
            if one.name in earlier:
                continue
            if one.name in seen:
                one = Rejected(one.name, "duplicate_row", f"row {number} of {path} repeats the pair of an earlier row")
            seen.add(one.name)
            yield one


def read_records(path: Path) -> Iterator[dict[str, Any] | Rejected]:
    """Yield the records of a JSON list in order; Rejected for a record that is not an object or a file that is not a list."""
    loaded = _read_json(path, list)
    if isinstance(loaded, Rejected):
        yield loaded
        return
    for number, record in enumerate(loaded):
        if isinstance(record, dict):
            yield record
        else:
            text = f"row {number} of {path} must be a JSON object, got {type(record).__name__}"
            yield Rejected(f"{file_name(path.name)}/{number}", "malformed_row", text)


def read_object(path: Path) -> dict[str, Any] | Rejected:
    """Return the JSON object in a file, or the rejection of the file."""
    return _read_json(path, dict)


def _read_json(path: Path, kind: type[Loaded]) -> Loaded | Rejected:
    try:
        loaded = json.loads(regular(path).read_bytes())
    except OSError as error:
        return Rejected(file_name(path.name), "unreadable_annotations", f"{path}: {error.strerror}")
    except (ValueError, RecursionError) as error:
        return Rejected(file_name(path.name), "malformed_json", f"{path} must hold JSON: {error}")
    if not isinstance(loaded, kind):
        text = f"{path} must hold a JSON {kind.__name__}, got {type(loaded).__name__}"
        return Rejected(file_name(path.name), "malformed_json", text)
    return loaded


def image_name(record: Mapping[str, Any], key: str) -> str:
    """Return the plain file name under `key`.

    Raises
    ------
    ValueError : it is missing, NaN, not a text, too long for a file, or leads out of the folder of images
    """
    name = record.get(key)
    if not isinstance(name, str) or not name:
        raise ValueError(f"{key!r} must name an image, got {name!r}")
    if (
        not is_text(name)
        or name != PurePath(name).name
        or "\0" in name
        or "\\" in name
        or len(name.encode()) > NAME_BYTES
    ):
        raise ValueError(f"{key!r} must be the plain name of a file, got {name!r}")
    return name


def images_folder(root: Path) -> Path:
    """Return `images` below the root if it is a folder, else the root itself."""
    return root / "images" if (root / "images").is_dir() else root


def requests(value: object, key: str) -> tuple[str, ...]:
    """Return the usable texts of a list, cleaned and without repetitions; none for None and NaN, which mark a missing list.

    Raises
    ------
    TypeError : `value` is not a list
    UnicodeError : a text holds half a character (a lone surrogate): the row was cut or wrongly re-coded
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ()
    if not isinstance(value, list):
        raise TypeError(f"{key!r} must be a list of texts, got {type(value).__name__}")
    cleaned = (clean_request(text) for text in value if isinstance(text, str))
    return tuple({text.lower(): text for text in cleaned if text}.values())


def clean_request(text: str) -> str:
    """Return `text` on one line without tags and control characters; "" if it requests nothing.

    Raises
    ------
    UnicodeError : it holds a lone surrogate
    """
    text.encode()
    plain = " ".join("".join(c if c.isprintable() else " " for c in _TAG.sub("", text)).split())
    letters = "".join(_LETTERS.findall(plain))
    unusable = len(letters) < 2 or len(plain) > LONGEST or letters.lower() in NONSENSE
    return "" if unusable else plain


def is_text(text: str) -> bool:
    """Return True if `text` is valid Unicode, as parquet and JSON require."""
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def file_name(path: str | os.PathLike[str]) -> str:
    """Return a file's name as ASCII, reversibly: its bytes, percent-encoded except letters, digits and "-_.~/ ".

    Names on disk are bytes that need not be UTF-8, and the tables hold text. urllib.parse.unquote_to_bytes inverts it.
    """
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:  # half a character in a file of annotations, not in a name on disk
        name = os.fspath(path).encode("utf-8", "surrogatepass")
    return quote(name, safe="/ ")

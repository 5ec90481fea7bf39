"""Pairs and requests in one file of your own: `pairs.csv`, `pairs.json` (a list) or `pairs.jsonl` in the root.

A record has the keys `before` and `after`, paths relative to the root, and may have `request`, a text or in JSON a list of texts,
`name`, `photo` (records of one photograph share it), `split` and `scope`, "local" for an edit of a part of the image. The keys of other test
sets are read too, see KEYS. Records of one pair of files are one pair with several requests. The file is UTF-8; a file saved by a
spreadsheet may begin with a mark of its encoding.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from iea.data_prep.ingest.sources.records import file_name, is_text, requests
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split
from iea.editor.io import regular

FILES = ("pairs.csv", "pairs.json", "pairs.jsonl")
KEYS: Mapping[str, tuple[str, ...]] = {
    "before": ("before", "input", "original", "source_image"),
    "after": ("after", "processed", "output", "reference", "target", "gt"),
    "request": ("request", "user_want", "instruction", "prompt"),
    "name": ("name", "id"),
}
"""Key -> the keys that are read for it; the first that a record has counts."""
LICENSE = "A file of your own: the terms of its owners."


def list_pairs(root: Path) -> Iterator[Listed | Rejected]:
    """List every pair of the file.

    Raises
    ------
    ValueError : none of FILES in `root`, or several; or the file is not of its format
    """
    found = [root / name for name in FILES if (root / name).is_file()]
    if len(found) != 1:
        raise ValueError(f"the root of pairs must hold one of {', '.join(FILES)}, got {len(found)} in {str(root)!r}")
    pairs: dict[tuple[Path, Path], Listed] = {}
    names: set[str] = set()
    for number, record in enumerate(_records(found[0])):
        place = f"{found[0].name}/{number}"
        try:
            one = _listed(root, record, str(number))
        except UnicodeError as error:
            yield Rejected(place, "odd_text", f"{place}: a text must be valid Unicode ({error})")
        except (TypeError, ValueError) as error:
            yield Rejected(place, "malformed_row", f"{place}: {error}")
        else:
            key = (one.original, one.reference or root)
            if key in pairs:
                pairs[key] = replace(pairs[key], amateur=tuple(dict.fromkeys((*pairs[key].amateur, *one.amateur))))
            elif one.name in names:
                yield Rejected(place, "duplicate_row", f"{place} has the name of an earlier pair, {one.name!r}")
            else:
                names.add(one.name)
                pairs[key] = one
    yield from pairs.values()


def _records(path: Path) -> list[Any]:
    text = regular(path).read_text(encoding="utf-8-sig")
    try:
        if path.suffix == ".csv":
            return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        lines = path.suffix == ".jsonl"
        read = [json.loads(line) for line in text.split("\n") if line.strip()] if lines else json.loads(text)
    except (ValueError, RecursionError, csv.Error) as error:
        raise ValueError(f"{str(path)!r} must be a file of its format, got an error: {error}") from None
    if type(read) is not list:
        raise ValueError(f"{str(path)!r} must hold a list of records, got {type(read).__name__}")
    return read


def _listed(root: Path, record: object, number: str) -> Listed:
    """Return the pair of one record. Raises TypeError, ValueError or UnicodeError for a record that cannot be used."""
    if not isinstance(record, dict):
        raise TypeError(f"a record must be an object, got {type(record).__name__}")
    before, after = _path(root, record, "before"), _path(root, record, "after")
    request = _value(record, "request")
    split, scope = record.get("split") or "", record.get("scope") or ""
    if split not in get_args(Split) or scope not in ("", "local", "global"):
        raise ValueError(f"split must be train, val or test and scope local or global, got {split!r} and {scope!r}")
    name = str(_value(record, "name") or number)
    return Listed(
        source="pairs",
        name=file_name(name),
        photo=f"pairs:{file_name(str(record.get('photo') or before.relative_to(root).as_posix()))}",
        original=before,
        reference=after,
        amateur=requests([request] if isinstance(request, str) else request, "request"),
        split=split,  # type: ignore[arg-type]  # checked above
        license=LICENSE,
        categories={"scope": "local"} if scope == "local" else {},
    )


def _value(record: Mapping[str, Any], key: str) -> Any:
    return next((record[name] for name in KEYS[key] if record.get(name) not in (None, "")), None)


def _path(root: Path, record: Mapping[str, Any], key: str) -> Path:
    """Return a file below the root. Raises ValueError where the record names none, or one elsewhere."""
    name = _value(record, key)
    if not isinstance(name, str) or not is_text(name) or "\0" in name:
        raise ValueError(f"{key!r} must name an image, got {name!r}")
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts:
        raise ValueError(f"{key!r} must be a path below the root, got {name!r}")
    return root / parts


SOURCE = Source("pairs", origin="your own", license=LICENSE, list=list_pairs)

"""Make one shard: the rows of a few items in one parquet file, whose metadata identify everything it depends on."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.files import write_parquet, write_text

Item: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]

DIGEST = b"iea.shard"  # key in the parquet metadata
SHOWN = 300  # characters of an item in an error


class RejectedError(Exception):
    """An item that cannot be used: `reason` is a short name to count by, `text` gives the details."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason, text)
        self.reason, self.text = reason, text


class ItemFailedError(RuntimeError):
    """A step neither made rows of an item nor rejected it: a bug, not bad input. The text names the item."""


@dataclass(frozen=True)
class Step:
    """One step of data preparation.

    name : for the progress bar and the report
    schema : of the rows it makes
    make : (item) -> rows; picklable, raises RejectedError for an unusable item. It may write files, atomically, under names
        that depend only on the item
    settings : JSON values; all that decides the rows besides the items and the code
    """

    name: str
    schema: pa.Schema
    make: Callable[[Item], list[Row]]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Shard:
    """A shard to be made: its file, the number of its first item, its items, and the digest of all it depends on."""

    path: Path
    first: int
    items: Sequence[Item]
    digest: str

    def __str__(self) -> str:
        return f"{self.path.name} (items {self.first} to {self.first + len(self.items) - 1})"


def deal(identity: dict[str, Any], items: Sequence[Item], out: Path, shard_items: int) -> Iterator[Shard]:
    """Yield the shards of `items` in the order given; `identity` holds the JSON values that decide the rows besides the items."""
    base = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    for number, first in enumerate(range(0, len(items), shard_items)):
        dealt = items[first : first + shard_items]
        digest = base.copy()
        digest.update(json.dumps(dealt, sort_keys=True).encode())
        yield Shard(shard_path(out, number), first, dealt, digest.hexdigest())


def shard_path(out: Path, number: int) -> Path:
    """Return the path of shard `number`."""
    return out / f"{number:05d}.parquet"


def is_made(shard: Shard) -> bool:
    """Return True if the shard exists.

    Raises
    ------
    ValueError : another file is in its place
    """
    if not shard.path.exists():
        return False
    try:
        digest = (pq.read_schema(shard.path).metadata or {}).get(DIGEST, b"")
    except pa.ArrowInvalid:
        digest = b""
    if digest != shard.digest.encode():
        raise ValueError(
            f"{str(shard.path)!r} must be a shard of the same items, settings and code, got another; choose a new "
            "folder, or remove this one to make it again"
        )
    return True


def make_shard(step: Step, shard: Shard) -> int:
    """Make one shard and write it; return its number of items.

    Raises
    ------
    ItemFailedError : `step.make` raised something other than RejectedError, or made rows of another schema
    """
    tables, rejected = [step.schema.empty_table()], []
    for number, item in enumerate(shard.items, shard.first):
        try:
            tables.append(_table(step, item))
        except RejectedError as error:
            rejection = {"number": number, "reason": error.reason, "text": error.text, "item": item}
            rejected.append(json.dumps(rejection) + "\n")
        except Exception as error:
            raise ItemFailedError(
                f"{step.name} must make rows of an item or reject it with RejectedError, got {type(error).__name__}: "
                f"{error} from item {number}, {json.dumps(item)[:SHOWN]}; fix it and start again: finished shards stay"
            ) from error
    listed = _rejected_path(shard.path)
    if rejected:
        write_text(listed, "".join(rejected))
    else:
        listed.unlink(missing_ok=True)  # of other items, from an interrupted run
    table = pa.concat_tables(tables).combine_chunks().replace_schema_metadata({DIGEST: shard.digest})
    # after the rejections: an existing shard is complete
    write_parquet(shard.path, table, compression="zstd", compression_level=3, version="2.6")
    return len(shard.items)


def rejections(path: Path) -> Iterator[dict[str, Any]]:
    """Yield number, reason, text and item of every rejection of a finished shard."""
    if _rejected_path(path).exists():
        with _rejected_path(path).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _rejected_path(shard: Path) -> Path:
    return shard.with_suffix(".rejected.jsonl")


def _table(step: Step, item: Item) -> pa.Table:
    """Make the rows of one item as a table, so that an error of the conversion is attributed to the item."""
    rows = step.make(item)
    for row in rows:
        if row.keys() != set(step.schema.names):  # pyarrow would drop other columns and fill missing ones with nulls
            differing = sorted(row.keys() ^ set(step.schema.names))
            raise ValueError(f"a row must have the schema's columns, got one that differs in {differing}")
    try:
        return pa.Table.from_pylist(rows, schema=step.schema)
    except UnicodeEncodeError as error:
        raise RejectedError("not_utf8", f"a text or a file's name cannot be written as UTF-8: {error}") from None

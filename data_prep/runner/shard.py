"""One shard: the rows that a step makes of a few items, in one parquet file that says what it was made of."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.files import write_parquet, write_text

Item: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]

ABOUT = b"iea.shard"  # key in the parquet metadata
SHOWN = 300  # characters of an item that an error shows


class RejectedError(Exception):
    """An item cannot be used: `reason` is a short name to count by, the text says what exactly."""

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
    make : (item) -> rows; picklable, raises RejectedError for what it cannot use. It may write files, atomically, under
        names that depend on the item alone
    settings : whatever besides the items and the code decides the rows; JSON values
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
    """The shards of `items` in the order given.

    Parameters
    ----------
    identity : of the step: what decides the rows besides the items; JSON values
    """
    base = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    for number, first in enumerate(range(0, len(items), shard_items)):
        dealt = items[first : first + shard_items]
        digest = base.copy()
        digest.update(json.dumps(dealt, sort_keys=True).encode())
        yield Shard(shard_path(out, number), first, dealt, digest.hexdigest())


def shard_path(out: Path, number: int) -> Path:
    """Where shard `number` lies."""
    return out / f"{number:05d}.parquet"


def is_made(shard: Shard) -> bool:
    """Whether the shard is there.

    Raises
    ------
    ValueError : its place is taken by something else
    """
    if not shard.path.exists():
        return False
    if _about(shard.path).get("digest") != shard.digest:
        raise ValueError(
            f"{str(shard.path)!r} must be a shard of the same items, settings and code, got another; choose a "
            "new folder, or remove this one to make it anew"
        )
    return True


def make_shard(step: Step, shard: Shard) -> int:
    """Make one shard and write it; returns how many items it holds.

    Raises
    ------
    ItemFailedError : `step.make` raised what is no rejection, or made rows of another schema
    """
    tables, rejected = [step.schema.empty_table()], []
    for number, item in enumerate(shard.items, shard.first):
        try:
            tables.append(_table(step, item))
        except RejectedError as error:
            rejected.append({"number": number, "reason": error.reason, "text": error.text, "item": item})
        except Exception as error:
            raise ItemFailedError(
                f"{step.name} must make rows of an item or reject it with RejectedError, got {type(error).__name__}: "
                f"{error} from item {number}, {json.dumps(item)[:SHOWN]}; finished shards stay: mend it and "
                "start again"
            ) from error
    _write_refusals(shard.path, rejected)
    counted = dict(sorted(Counter(one["reason"] for one in rejected).items()))
    about = json.dumps({"digest": shard.digest, "rejected": counted})
    table = pa.concat_tables(tables).combine_chunks().replace_schema_metadata({ABOUT: about})
    # after the rejections: where the shard is, all of it is
    write_parquet(shard.path, table, compression="zstd", compression_level=3, version="2.6")
    return len(shard.items)


def counts(path: Path) -> tuple[int, dict[str, int]]:
    """How many rows a finished shard has, and how many items were rejected for which reason."""
    return pq.read_metadata(path).num_rows, _about(path)["rejected"]


def rejections(path: Path) -> Iterator[dict[str, Any]]:
    """number, reason, text and item of every rejection of a finished shard."""
    listed = _listed(path)
    if listed.exists():
        with listed.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _listed(shard: Path) -> Path:
    return shard.with_suffix(".rejected.jsonl")


def _table(step: Step, item: Item) -> pa.Table:
    """The rows of one item: converted here, so that an error is of this item."""
    rows = step.make(item)
    for row in rows:
        if row.keys() != set(step.schema.names):  # pyarrow would leave out what is more and fill in nulls
            differing = sorted(row.keys() ^ set(step.schema.names))
            raise ValueError(f"a row must have the schema's columns, got one that differs in {differing}")
    try:
        return pa.Table.from_pylist(rows, schema=step.schema)
    except UnicodeEncodeError as error:
        raise RejectedError("not_utf8", f"a text or a file's name cannot be written as UTF-8: {error}") from None


def _about(path: Path) -> dict[str, Any]:
    """What a shard's metadata say; {} where it has none or is no parquet file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        about = json.loads(metadata.get(ABOUT, b"{}"))
    except (pa.ArrowInvalid, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _write_refusals(path: Path, rejected: Iterable[dict[str, Any]]) -> None:
    """One JSON line a rejection beside the shard; no file where there is none."""
    lines = [json.dumps(one) + "\n" for one in rejected]
    if not lines:
        _listed(path).unlink(missing_ok=True)  # of other items, from a run that was cut off
        return
    write_text(_listed(path), "".join(lines))

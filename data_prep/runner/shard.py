"""Make one shard: the rows of a few items in one parquet file, whose metadata identify everything it depends on."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.files import check_seal, file_sha256, write_parquet, write_text
from iea.data_prep.reasons import is_passing
from iea.data_prep.runner.stamps import are_current, stamp, write_stamps
from iea.editor.errors import NamedError
from iea.editor.io import regular

Item: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]

STEP, DIGEST, REJECTED = b"iea.step", b"iea.shard", b"iea.rejected"
"""Keys in the parquet metadata: digests of the step, of the shard's items, and of its list of rejections."""
SHOWN = 300  # characters of an item in an error


class RejectedError(NamedError):
    """An item that cannot be used; the reasons are those of iea.data_prep.reasons.

    The names of files in the text need not be UTF-8: such bytes are escaped.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason, text.encode("utf-8", "backslashreplace").decode())


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
    reads : keys of an item that hold paths of files on which its rows depend; "" and None for none
    writes : columns of a row that hold paths of files that `make` wrote
    version : (item) -> a text that decides its rows besides the item itself, such as the answer to a request
    """

    name: str
    schema: pa.Schema
    make: Callable[[Item], list[Row]]
    settings: dict[str, Any]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    version: Callable[[Item], str] | None = None


@dataclass(frozen=True)
class Shard:
    """A shard to be made: its file, the number of its first item, its items, the digests of the step and of all it depends on.

    retried : numbers in `items` of those that only the environment rejected, if all else of the shard is as it must be
    """

    path: Path
    first: int
    items: Sequence[Item]
    step: str
    digest: str
    retried: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.path.name} (items {self.first} to {self.first + len(self.items) - 1})"


def digest_of(*content: Any) -> str:
    """Return the hex digest of JSON values."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def deal(step: Step, digest: str, items: Sequence[Item], out: Path, size: int) -> Iterator[Shard]:
    """Yield the shards of `items`, `size` each, in the order given; `digest` is that of all that decides the rows besides."""
    for number, first in enumerate(range(0, len(items), size)):
        dealt = items[first : first + size]
        versions = [step.version(item) for item in dealt] if step.version else []
        yield Shard(shard_path(out, number), first, dealt, digest, digest_of(digest, dealt, versions))


def shard_path(out: Path, number: int) -> Path:
    """Return the path of shard `number`."""
    return out / f"{number:05d}.parquet"


def is_of_step(path: Path, step: str) -> bool:
    """Return True if a file is a shard of the step with this digest."""
    return _metadata(path).get(STEP, b"") == step.encode()


def unfinished(shard: Shard) -> Shard | None:
    """Return what is to do of a shard: itself, itself with `retried`, or None if it is finished.

    A shard is made again if an item or a file that it read or wrote has changed, or if one of its own files is damaged.

    Raises
    ------
    ValueError : another file is in its place
    """
    if not shard.path.exists():
        return shard
    if not is_of_step(shard.path, shard.step):
        raise ValueError(
            f"{str(shard.path)!r} must be a shard of the same step, settings and code, got another; choose a new "
            "folder, or remove this one to make it again"
        )
    wanted = {DIGEST: shard.digest.encode(), REJECTED: _rejected_sha256(shard.path).encode()}
    if not wanted.items() <= _metadata(shard.path).items() or not are_current(shard.path):
        return shard
    try:
        check_seal(shard.path)
    except ValueError:  # damaged
        return shard
    passing = (one["number"] - shard.first for one in rejections(shard.path) if is_passing(one["reason"]))
    retried = tuple(passing)
    return replace(shard, retried=retried) if retried else None


def make_shard(step: Step, shard: Shard) -> tuple[int, bool]:
    """Make one shard and write it; return its number of items, and False if it was left unchanged, as it is still right.

    Raises
    ------
    ItemFailedError : `step.make` raised something other than RejectedError, or made rows of another schema
    OSError : a file of the step cannot be written or read; the text names the item
    """
    if shard.retried and not any(_is_usable(step, shard.items[number]) for number in shard.retried):
        return len(shard.items), False
    tables, rejected = [step.schema.empty_table()], []
    stamps = {path: stamp(path) for item in shard.items for path in _paths(item, step.reads)}  # before they are read
    for number, item in enumerate(shard.items, shard.first):
        try:
            tables.append(_table(step, item))
        except RejectedError as error:
            rejection = {"number": number, "reason": error.reason, "text": error.text, "item": item}
            rejected.append(json.dumps(rejection) + "\n")
        except OSError as error:
            raise OSError(f"{step.name} cannot make the rows of item {number}: {error}") from error
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
    metadata = {STEP: shard.step, DIGEST: shard.digest, REJECTED: _rejected_sha256(shard.path)}
    table = pa.concat_tables(tables).combine_chunks().replace_schema_metadata(metadata)
    if step.reads or step.writes:
        rows = table.select(step.writes).to_pylist()
        write_stamps(shard.path, stamps | {path: stamp(path)[:1] for row in rows for path in _paths(row, step.writes)})
    # after the rejections and the stamps: an existing shard is complete
    write_parquet(shard.path, table, compression="zstd", compression_level=3, version="2.6")
    return len(shard.items), True


def remove_shard(path: Path) -> None:
    """Remove a shard and the files beside it."""
    path.unlink()
    _rejected_path(path).unlink(missing_ok=True)
    write_stamps(path, {})


def rejections(path: Path) -> Iterator[dict[str, Any]]:
    """Yield number, reason, text and item of every rejection of a finished shard."""
    if _rejected_path(path).exists():
        with _rejected_path(path).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _metadata(path: Path) -> dict[bytes, bytes]:
    try:
        return pq.read_schema(regular(path)).metadata or {}
    except pa.ArrowInvalid:
        return {}


def _paths(values: Item, keys: Sequence[str]) -> list[str]:
    return [path for key in keys if (path := values.get(key))]


def _is_usable(step: Step, item: Item) -> bool:
    with suppress(Exception):  # which make_shard reports
        try:
            step.make(item)
        except RejectedError:
            return False
    return True


def _rejected_path(shard: Path) -> Path:
    return shard.with_suffix(".rejected.jsonl")


def _rejected_sha256(shard: Path) -> str:
    """Return the digest of a shard's list of rejections; "none" without one, "" for one that cannot be read."""
    listed = _rejected_path(shard)
    with suppress(OSError):
        return file_sha256(listed) if os.path.lexists(listed) else "none"
    return ""


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

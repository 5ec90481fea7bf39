"""Write files whole or not at all; digest files, and identify the code and the packages that made them.

Parquet files are sealed: they have page checksums, and in the metadata the size and the SHA-256 of the whole file with zeros in
place of the seal. A changed bit is an error on reading, never another row. A file of another program has no seal, or one of
another size if it is a rewritten copy; its page checksums, if any, are verified.
"""

import hashlib
import json
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from iea.editor.io import replacing

SEAL = b"iea.seal"  # key in the parquet metadata
UNSEALED = b"0" * 80  # its value: 16 digits of the size, 64 of the digest
SEAL_START = SEAL + b"\x18\x50"  # in Thrift's compact protocol: field 2, a text of 80 bytes, follows the key
PACKAGES = ("numpy", "pillow", "pyarrow", "verl-iea")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically. Raises OSError, whose text names the file."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an object as indented JSON, atomically."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def write_parquet(path: Path, table: pa.Table, **options: Any) -> None:
    """Write a table, sealed, atomically; `options` as of pyarrow.parquet.ParquetWriter."""
    with parquet_writer(path, table.schema, **options) as writer:
        writer.write_table(table)


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema, **options: Any) -> Iterator[pq.ParquetWriter]:
    """Yield a writer of a sealed file, which replaces `path` once it is closed.

    Raises
    ------
    OSError : `path` cannot be written; the text names it
    """
    bare = schema.with_metadata({key: value for key, value in (schema.metadata or {}).items() if key != SEAL})
    with replacing(path) as partial:
        with pq.ParquetWriter(partial, bare, write_page_checksum=True, **options) as writer:
            yield writer
            writer.add_key_value_metadata({SEAL: UNSEALED})
        seal, _, place = _seal_of(partial)
        with partial.open("r+b") as stream:
            stream.seek(place)
            stream.write(seal)


def check_seal(path: Path) -> None:
    """Raise ValueError if a sealed file is not as it was written; a file without a seal of its size passes."""
    if path.stat().st_size:  # an empty file cannot be mapped
        seal, found, _ = _seal_of(path)
        if found[:16] == seal[:16] and found != seal:
            raise ValueError("its bytes are not those that were written; make or copy it again")


def _seal_of(path: Path) -> tuple[bytes, bytes, int]:
    """Return the seal that a file must have, the one that it has (b"" for none), and the place of that."""
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
    ):
        start = content.rfind(SEAL_START)
        if start < 0:
            return UNSEALED, b"", 0
        place = start + len(SEAL_START)
        end = place + len(UNSEALED)
        digest = hashlib.sha256(view[:place])
        digest.update(UNSEALED)
        digest.update(view[end:])
        return f"{len(view):016d}{digest.hexdigest()}".encode(), content[place:end], place


def refuse_overwriting(out: Path, *inputs: Path) -> None:
    """Raise ValueError if `out`, a file to write, is a folder or one of the inputs, under any name."""
    if out.is_dir():
        raise ValueError(f"--out must be a file, got the folder {str(out)!r}; give a name in it")
    for one in inputs:
        if out.exists() and one.exists() and out.samefile(one):
            raise ValueError(f"--out must be another file than the input, got {str(out)!r} for both")


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in `path`; None if the file is missing or holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def file_sha256(path: Path) -> str:
    """Return the hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Return the installed versions of `packages`; those that are not installed are omitted."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def code_sha256() -> str:
    """Return a digest of the source of all packages that data preparation uses: data of other code is not reused."""
    digest = hashlib.sha256()
    for package in ("iea.editor", "iea.reward_fns", "iea.data_prep"):
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

"""Write files whole or not at all; digest files, and identify the code and the packages that made them."""

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from iea.editor.io import replacing

PACKAGES = ("numpy", "pillow", "pyarrow", "verl-iea")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write an object as indented JSON, atomically."""
    write_text(path, json.dumps(content, indent=2) + "\n")


def write_parquet(path: Path, table: pa.Table, **options: Any) -> None:
    """Write a table atomically; `options` as of pyarrow.parquet.write_table."""
    with replacing(path) as partial:
        pq.write_table(table, partial, **options)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in `path`; None if the file is missing or holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
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

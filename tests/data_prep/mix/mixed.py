"""Write tables for the tests of mixes, and read what a mix wrote."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.runner import RejectedError
from iea.data_prep.schema import EXAMPLES


def table(path: Path, rows: Sequence[dict[str, Any]], schema: pa.Schema = EXAMPLES) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


def rows(folder: Path, name: str = "train") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


def names(folder: Path, name: str = "train") -> Counter[str]:
    return Counter(row["extra_info"]["name"] for row in rows(folder, name))


def kinds(folder: Path, name: str = "train") -> Counter[str]:
    return Counter(row["data_source"] for row in rows(folder, name))


def named_only(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an item as its only row, unless it has no name."""
    if not item["name"]:
        raise RejectedError("no_name", "an item must have a name")
    return [item]

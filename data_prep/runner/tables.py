"""Read tables: a finished folder of shards, or one parquet file."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.files import read_json
from iea.data_prep.runner.shard import Row, shard_path

REPORT = "report.json"
BATCH = 1024  # rows in memory at once


def table_files(table: Path) -> list[Path]:
    """Return the parquet files of a table in order.

    Raises
    ------
    ValueError : `table` is neither a parquet file nor a finished folder, or its step had no items
    """
    if table.is_file():
        return [table]
    report = read_json(table / REPORT)
    paths = [shard_path(table, number) for number in range((report or {}).get("shards", 0))]
    if not paths or not all(path.is_file() for path in paths):
        raise ValueError(
            f"a table must be a parquet file or the folder of a finished step, got {str(table)!r}; start "
            "the step's command again, it makes the missing shards"
        )
    return paths


def read_columns(path: Path) -> list[str]:
    """Return the names of the columns of a parquet file.

    Raises
    ------
    ValueError : `path` is not a parquet file
    """
    try:
        return list(pq.read_schema(path).names)
    except (OSError, ValueError) as error:
        raise ValueError(f"{str(path)!r} must be a parquet file: {error}") from None


def read_batches(path: Path, schema: pa.Schema | None = None) -> Iterator[list[Row]]:
    """Yield the rows of a parquet file, `BATCH` at a time.

    Parameters
    ----------
    schema : of the wanted table; other columns are omitted. None = all columns

    Raises
    ------
    ValueError : `path` is not a parquet file, or lacks a column of `schema`
    """
    missing = sorted(set(schema.names if schema else ()) - set(read_columns(path)))
    if missing:
        raise ValueError(f"{str(path)!r} must have the column {missing[0]!r}; give another table")
    try:
        with pq.ParquetFile(path) as opened:
            schema = schema or opened.schema_arrow
            for batch in opened.iter_batches(BATCH, columns=schema.names):
                yield pa.Table.from_batches([batch]).select(schema.names).cast(schema).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{str(path)!r} must be a parquet file of the wanted table: {error}") from None


def read_rows(table: Path) -> list[Row]:
    """Return all rows of a table in order; a step without items has none.

    Raises
    ------
    ValueError : as table_files
    """
    report = read_json(table / REPORT) if table.is_dir() else None
    if report and report.get("shards") == 0:
        return []
    return [row for path in table_files(table) for row in pq.read_table(path).to_pylist()]

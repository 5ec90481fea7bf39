"""Read tables: a finished folder of shards, or one parquet file. The bytes and the types of every file are checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.column_types import misfit
from iea.data_prep.files import check_seal, read_json
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
    shards, found = (read_json(table / REPORT) or {}).get("shards"), len(list(table.glob("*.parquet")))
    if shards == 0:
        raise ValueError(f"a table must have rows, got {str(table)!r}, whose step had no items")
    paths = (
        [shard_path(table, number) for number in range(shards)] if isinstance(shards, int) and shards <= found else []
    )
    if not paths or not all(path.is_file() for path in paths):
        raise ValueError(
            f"a table must be a parquet file or the folder of a finished step, got {str(table)!r}; start "
            "the step's command again, it makes the missing shards"
        )
    return paths


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a parquet file whose seal and page checksums are verified.

    Raises
    ------
    ValueError : `path` is not a parquet file, or is damaged; so is every error of Arrow inside the context
    """
    with _named(path):
        check_seal(path)
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Raise every error of reading as a ValueError that names the file, in one line."""
    try:
        yield
    except (pa.ArrowException, ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())  # Arrow's has several lines
        raise ValueError(f"{str(path)!r} must be a parquet file that can be read: {reason}") from None


def read_schema(path: Path) -> pa.Schema:
    """Return the columns of a parquet file. Raises ValueError as `opened`."""
    with opened(path) as file:
        return file.schema_arrow


def arrow_batches(path: Path, wanted: pa.Schema | None = None, *, others: bool = False) -> Iterator[pa.Table]:
    """Yield the rows of a parquet file as Arrow tables, `BATCH` at a time, their texts and lengths validated.

    Parameters
    ----------
    wanted : columns that the file must have, with types as of iea.data_prep.column_types. None = none
    others : keep other columns, and the types as they are

    Raises
    ------
    ValueError : as `opened`, or the columns are others; the text names the file and the column
    """
    with opened(path) as file:
        if fault := misfit(file.schema_arrow, wanted or pa.schema([])):
            raise ValueError(f"{fault}; give another table, or make this one again")
        names = file.schema_arrow.names if others or wanted is None else wanted.names
        for batch in file.iter_batches(BATCH, columns=names):
            table = pa.Table.from_batches([batch]).select(names)
            table = table if others or wanted is None else table.cast(wanted)
            table.validate(full=True)
            yield table


def read_batches(path: Path, wanted: pa.Schema | None = None) -> Iterator[list[Row]]:
    """Yield the rows of a parquet file, `BATCH` at a time; parameters and errors as of `arrow_batches`."""
    for table in arrow_batches(path, wanted):
        with _named(path):  # such as a date that Python has not
            rows = table.to_pylist()
        yield rows


def read_rows(table: Path, wanted: pa.Schema | None = None) -> list[Row]:
    """Return all rows of a table in order; a step without items has none.

    Raises
    ------
    ValueError : as `table_files` and `arrow_batches`
    """
    report = read_json(table / REPORT) if table.is_dir() else None
    if report and report.get("shards") == 0:
        return []
    return [row for path in table_files(table) for rows in read_batches(path, wanted) for row in rows]

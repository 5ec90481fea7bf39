"""Rows in any order in bounded memory: tables are read once, and what is wanted of them is fetched from disk.

Rows go to one uncompressed Arrow file as they come, and that file is mapped into memory, which is the system's to keep or
to drop. Rows in a shuffled order cost no more memory than those asked for at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from iea.data_prep.files import read_json
from iea.data_prep.runner import REPORT
from iea.data_prep.runner.shard import shard_path

BATCH = 1024  # rows: of a parquet file in memory at once, and of a piece of the spool


def table_files(table: Path) -> list[Path]:
    """The parquet files of a table: a finished folder of shards, or a single file.

    Raises
    ------
    ValueError : it is neither, or a step that was given nothing to do
    """
    if table.is_file():
        return [table]
    report = read_json(table / REPORT)
    paths = [shard_path(table, number) for number in range((report or {}).get("shards", 0))]
    if not paths or not all(path.is_file() for path in paths):
        raise ValueError(
            f"a table must be a parquet file or the folder of a finished step, got {str(table)!r}; if its step was cut "
            "off, start that command again"
        )
    return paths


def read_batches(path: Path, schema: pa.Schema | None = None) -> Iterator[list[dict[str, Any]]]:
    """The rows of a parquet file, some at a time.

    Parameters
    ----------
    schema : of the table that it must hold; further columns are left out. None = whatever it holds

    Raises
    ------
    ValueError : no parquet file, or not of that schema
    """
    try:
        with pq.ParquetFile(path) as opened:
            schema = opened.schema_arrow if schema is None else schema
            missing = sorted(set(schema.names) - set(opened.schema_arrow.names))
            if missing:
                raise ValueError(f"{str(path)!r} must have the column {missing[0]!r}; is it another table?")
            for batch in opened.iter_batches(BATCH, columns=schema.names):
                yield pa.Table.from_batches([batch]).select(schema.names).cast(schema).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{str(path)!r} must be a parquet file of the wanted table: {error}") from None


class Spool:
    """Rows on disk by number: first `append` them all, then `finish`, then `take` any, and `close` in the end."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._waiting: list[dict[str, Any]] = []
        self._writer = pa.ipc.new_file(str(path), schema)

    def append(self, row: dict[str, Any]) -> None:
        """Add a row of the spool's schema; the first has number 0."""
        self._waiting.append(row)
        if len(self._waiting) == BATCH:
            self._write()

    def finish(self) -> None:
        """End writing."""
        self._write()
        self._writer.close()
        self._mapped = pa.memory_map(str(self._path))
        self._reader = pa.ipc.open_file(self._mapped)

    def take(self, numbers: NDArray[np.int64]) -> list[dict[str, Any]]:
        """The rows of these numbers, in this order; a number may come twice."""
        order = np.argsort(numbers, kind="stable")
        pieces, places = np.divmod(numbers[order], BATCH)
        rows: list[dict[str, Any]] = []
        for piece in np.unique(pieces):
            taken = self._reader.get_batch(int(piece)).take(pa.array(places[pieces == piece]))
            rows += taken.to_pylist()
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return [rows[place] for place in back]

    def close(self) -> None:
        """Let go of the file, whether or not writing has ended."""
        self._writer.close()
        if hasattr(self, "_mapped"):
            self._mapped.close()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._waiting, schema=self._schema))
            self._waiting = []

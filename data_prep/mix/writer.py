"""The parquet files of a mix, row group by row group, and the counts of what is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from iea.data_prep.mix.gather import FORMS, Gathered, Row
from iea.data_prep.mix.mixture import Positions
from iea.data_prep.mix.spool import Spool
from iea.data_prep.row import PromptConfig, example_to_rl, example_to_sft, judged_to_sft
from iea.editor import Program
from iea.reward_fns.example import Example
from iea.reward_fns.tasks import task_named

CHUNK = 1024  # rows in memory, and in a row group


class MixWriter:
    """Turns numbers of rows into parquet files, a row group at a time, and counts what it writes.

    Parameters
    ----------
    rows : a key of `FORMS`
    """

    def __init__(self, rows: str, config: PromptConfig, gathered: Gathered, spool: Spool) -> None:
        self._rows, self._config, self._gathered, self._spool = rows, config, gathered, spool
        self._form = FORMS[rows]

    def write(self, path: Path, numbers: Positions, quiet: bool) -> dict[str, Any]:
        """Write the rows of these numbers in this order. Returns how many have what."""
        counts: dict[str, Counter[str]] = {}
        with (
            pq.ParquetWriter(path, self._form.schema) as writer,
            tqdm(total=len(numbers), desc=path.stem, unit="row", disable=quiet) as bar,
        ):
            for start in range(0, len(numbers), CHUNK):
                rows = self._spool.take(numbers[start : start + CHUNK])
                made = [self._made(row, start + place) for place, row in enumerate(rows)]
                writer.write_table(pa.Table.from_pylist(made, schema=self._form.schema))
                for row in rows:
                    for column, value in self._facts(row):
                        counts.setdefault(column, Counter())[value] += 1
                bar.update(len(rows))
        return {"rows": len(numbers)} | {name: dict(sorted(c.items())) for name, c in sorted(counts.items())}

    def _made(self, row: Row, index: int) -> dict[str, Any]:
        if self._rows == "judge":
            return judged_to_sft(row, index)
        make = example_to_rl if self._rows == "rl" else example_to_sft
        return make(Example(**row), index, self._config, self._gathered.right_answers(row))

    def _facts(self, row: Row) -> Iterator[tuple[str, str]]:
        """Yield what the manifest counts of a row: its columns, its data source or score, and the tools of its answer."""
        yield from ((column, row[column]) for column in self._form.columns)
        if self._rows == "judge":
            yield "score", str(row["score"])
        else:
            example = Example(**row)
            yield "data_source", task_named(example.task).data_source(example)
            program = Program.from_json(example.program) if example.program else {}
            yield from (("tools", f"{tool}{'+' if value > 0 else '-'}") for tool, value in program.items())

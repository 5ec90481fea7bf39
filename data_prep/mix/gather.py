"""Read the tables that a mix draws from: check every row, spool the usable ones and index them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from iea.data_prep.mix.mixture import Part, Positions
from iea.data_prep.mix.spool import Spool, read_batches, table_files
from iea.data_prep.photographs import file_sha256
from iea.data_prep.row import JUDGE_SCHEMA, RL_SCHEMA, SFT_SCHEMA
from iea.data_prep.runner.shard import RejectedError
from iea.data_prep.schema import EXAMPLES, JUDGED
from iea.reward_fns.example import Example, ExampleError, reserved
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST
from iea.reward_fns.tasks import read_example

Row: TypeAlias = dict[str, Any]

SPLITS = ("train", "val", "test")
TOLD = 3  # rejections of each reason that are told in full


@dataclass(frozen=True)
class Form:
    """What a mix is made of and what it becomes.

    table : schema of the rows read
    schema : of the rows written
    columns : of the rows read, by which parts choose and the manifest counts
    check : raises RejectedError for a row that cannot be used
    """

    table: pa.Schema
    schema: pa.Schema
    columns: tuple[str, ...]
    check: Callable[[Row], object]


def checked_example(row: Mapping[str, Any]) -> Example:
    """Return the example in a row of EXAMPLES. Raises RejectedError with the reason of `read_example`."""
    try:
        return read_example(row)
    except ExampleError as error:
        raise RejectedError(error.reason, error.text) from None


def checked_judged(row: Mapping[str, Any]) -> None:
    """Pass a usable row of JUDGED.

    Raises
    ------
    RejectedError : missing_value, empty_request, reserved_words, bad_score
    """
    empty = [column for column, value in row.items() if value is None]
    if empty:
        raise RejectedError("missing_value", f"{row['name']}: {empty[0]} must not be null")
    if not row["reference"].strip():
        raise RejectedError("empty_request", f"{row['name']}: nothing was meant")
    for column in ("reference", "prediction"):
        if found := reserved(row[column]):
            raise RejectedError("reserved_words", f"{row['name']}: {column} holds {found!r}")
    if not LOWEST <= row["score"] <= HIGHEST:
        raise RejectedError(
            "bad_score", f"{row['name']}: score must be in [{LOWEST}, {HIGHEST}], got {row['score']}"
        )


_EXAMPLE_COLUMNS = ("task", "origin", "persona")
FORMS: Mapping[str, Form] = {
    "sft": Form(EXAMPLES, SFT_SCHEMA, _EXAMPLE_COLUMNS, checked_example),
    "rl": Form(EXAMPLES, RL_SCHEMA, _EXAMPLE_COLUMNS, checked_example),
    "judge": Form(JUDGED, JUDGE_SCHEMA, ("kind", "persona"), checked_judged),
}


@dataclass
class Gathered:
    """What the tables hold. Rows are known by their number in the spool."""

    form: Form
    numbers: dict[tuple[str, ...], array[int]] = field(default_factory=dict)
    split_of_group: dict[str, str] = field(default_factory=dict)
    summaries: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str]] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0

    def matching(self, part: Part, split: str) -> Positions:
        """Numbers of the rows of a part in one split, ascending."""
        chosen = [
            np.asarray(numbers, dtype=np.int64)
            for key, numbers in self.numbers.items()
            if key[-1] == split and part.matches(dict(zip(self.form.columns, key, strict=False)))
        ]
        return np.sort(np.concatenate([np.zeros(0, np.int64), *chosen]))

    def right_answers(self, row: Row) -> list[str]:
        """All sentences in which the retouch of a row's pictures was asked for, of any persona."""
        return self.summaries.get((row.get("original", ""), row.get("reference", "")), [])

    def note(self, row: Row) -> None:
        """Check a row and note what it is.

        Raises
        ------
        RejectedError : it cannot be used
        ValueError : its group is in another split already
        """
        if row["split"] not in SPLITS:
            raise RejectedError("unknown_split", f"{row['name']}: split is {row['split']!r}")
        self.form.check(row)
        if group := row.get("group", ""):
            split = self.split_of_group.setdefault(group, row["split"])
            if split != row["split"]:
                raise ValueError(
                    f"a group of near-duplicate photographs must be in one split, got {group!r} in {split} and "
                    f"{row['split']}; make the tables from one `ingest`"
                )
        if row.get("summary"):
            sentences = self.summaries.setdefault((row["original"], row["reference"]), [])
            if row["summary"] not in sentences:
                sentences.append(row["summary"])
        key = (*(row[column] for column in self.form.columns), row["split"])
        self.numbers.setdefault(key, array("q")).append(self.rows)
        self.rows += 1

    def refuse(self, error: RejectedError) -> None:
        """Count a row that cannot be used."""
        self.rejected[error.reason] += 1
        told = self.told.setdefault(error.reason, [])
        if len(told) < TOLD:
            told.append(error.text)


def gather(form: Form, tables: Sequence[Path], spool: Spool, *, quiet: bool = False) -> Gathered:
    """Read `tables` into `spool`.

    Raises
    ------
    ValueError : a table is none of that form, or a group is in two splits
    """
    gathered = Gathered(form)
    with tqdm(desc="reading", unit="row", disable=quiet) as bar:
        for table in tables:
            files = table_files(table)
            before = gathered.rows
            for path in files:
                for batch in read_batches(path, form.table):
                    _note_all(gathered, batch, spool)
                    bar.update(len(batch))
            digests = [file_sha256(path) for path in files]
            gathered.inputs.append(
                {"table": str(table), "usable_rows": gathered.rows - before, "files_sha256": digests}
            )
    spool.finish()
    return gathered


def _note_all(gathered: Gathered, rows: Sequence[Row], spool: Spool) -> None:
    for row in rows:
        try:
            gathered.note(row)
        except RejectedError as error:
            gathered.refuse(error)
        else:
            spool.append(row)

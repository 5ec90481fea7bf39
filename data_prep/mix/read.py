"""Read the tables that a mix draws from: check every row, keep the usable ones and index them."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from iea.data_prep.check import check_row
from iea.data_prep.image_sizes import loader_fault
from iea.data_prep.mix.expand import examples_of
from iea.data_prep.mix.mixture import COLUMNS, Part, Positions
from iea.data_prep.runner.shard import RejectedError, Row
from iea.data_prep.runner.tables import read_batches, read_schema, table_files
from iea.data_prep.schema import EXAMPLES, JUDGE_SCHEMA, JUDGED, RL_SCHEMA, SFT_SCHEMA, TABLES, table_name
from iea.reward_fns.example import Example, ExampleError, reserved
from iea.reward_fns.tasks import read_example

REPORTED = 3  # rejections of each reason that the manifest quotes


@dataclass(frozen=True)
class Form:
    """The input and output of a mix.

    readers : name of a table that may be read -> the rows of `table` that one of its rows gives
    table : schema of the rows gathered
    schema : of the rows written
    columns : of the rows gathered, by which parts choose and the manifest counts
    check : raises RejectedError for an unusable row
    """

    readers: Mapping[str, Callable[[Row], list[Row]]]
    table: pa.Schema
    schema: pa.Schema
    columns: tuple[str, ...]
    check: Callable[[Row], object]


def checked_example(row: Mapping[str, object]) -> Example:
    """Return the example in a row of EXAMPLES. Raises RejectedError with the reason of `read_example`."""
    try:
        return read_example(row)
    except ExampleError as error:
        raise RejectedError(error.reason, error.text) from None


def checked_judged(row: Row) -> None:
    """Check a row of JUDGED.

    Raises
    ------
    RejectedError : empty_request, reserved_words
    """
    if not row["reference"].strip():
        raise RejectedError("empty_request", f"{row['name']}: reference must be a request, got white space")
    for column in ("reference", "prediction"):
        if found := reserved(row[column]):
            raise RejectedError("reserved_words", f"{row['name']}: {column} holds {found!r}")


def _unchanged(row: Row) -> list[Row]:
    return [row]


_EXAMPLE_READERS = {"EXAMPLES": _unchanged, "LABELED": examples_of}
FORMS: Mapping[str, Form] = {
    "sft": Form(_EXAMPLE_READERS, EXAMPLES, SFT_SCHEMA, COLUMNS["sft"], checked_example),
    "rl": Form(_EXAMPLE_READERS, EXAMPLES, RL_SCHEMA, COLUMNS["rl"], checked_example),
    "judge": Form({"JUDGED": _unchanged}, JUDGED, JUDGE_SCHEMA, COLUMNS["judge"], checked_judged),
}


@dataclass
class Gathered:
    """The usable rows of the tables, and the numbers of each kind of them in `table`."""

    form: Form
    max_pixels: int
    table: pa.Table | None = None
    numbers: "dict[tuple[str, ...], array[int]]" = field(default_factory=dict)
    split_of_group: dict[str, str] = field(default_factory=dict)
    summaries: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_examples: dict[str, list[str]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    rows: int = 0

    def matching(self, part: Part, split: str) -> Positions:
        """Return the numbers of the rows of a part in one split, ascending."""
        chosen = [
            np.asarray(numbers, dtype=np.int64)
            for key, numbers in self.numbers.items()
            if key[-1] == split and part.matches(dict(zip(self.form.columns, key, strict=False)))
        ]
        return np.sort(np.concatenate([np.zeros(0, np.int64), *chosen]))

    def right_answers(self, row: Row) -> list[str]:
        """Return all sentences that ask for the edit of a row's images, of any persona."""
        return self.summaries.get((row.get("original", ""), row.get("reference", "")), [])

    def take(self, numbers: Positions) -> list[Row]:
        """Return the rows of these numbers, in this order; a number may occur twice."""
        assert self.table is not None, "gather fills it"
        rows: list[Row] = self.table.take(pa.array(numbers)).to_pylist()
        return rows

    def add(self, row: Row, table: str) -> list[Row]:
        """Check a row of one of the form's tables; return the usable ones of the rows that it gives, indexed.

        Raises
        ------
        ValueError : the row's group is in another split already
        """
        try:
            check_row(row, table)
            if not row["split"]:
                raise RejectedError("unknown_split", f"{row['name']}: split must be train, val or test, got nothing")
            self._refuse_second(row)
            width, height = row.get("width", 0), row.get("height", 0)  # 0 = unknown
            if width and height and (fault := loader_fault(width, height, max_pixels=self.max_pixels)):
                raise RejectedError("too_narrow", f"{row['name']} at {self.max_pixels} pixels: {fault}")
        except RejectedError as error:
            self._reject(error)
            return []
        return [one for one in self.form.readers[table](row) if self._accepts(one)]

    def _accepts(self, row: Row) -> bool:
        """Check a row of the form and index it, or count its rejection."""
        try:
            self.form.check(row)
        except RejectedError as error:
            self._reject(error)
            return False
        group, split = row.get("group", ""), row["split"]
        if group and (other := self.split_of_group.setdefault(group, split)) != split:
            raise ValueError(
                f"a group of near-duplicate photographs must be in one split, got {group!r} in {other} and {split}; "
                "make the tables from one `ingest`"
            )
        if row.get("summary"):
            sentences = self.summaries.setdefault((row["original"], row["reference"]), [])
            sentences += [row["summary"]] if row["summary"] not in sentences else []
        key = (*(row[column] for column in self.form.columns), split)
        self.numbers.setdefault(key, array("q")).append(self.rows)
        self.rows += 1
        return True

    def _refuse_second(self, row: Row) -> None:
        """Raise RejectedError for a row that equals an earlier one: parts take it as often as they say, and no more."""
        digest = hash(str(row))
        if digest in self.seen:
            raise RejectedError("duplicate_row", f"{row['name']}: an equal row was read before")
        self.seen.add(digest)

    def _reject(self, error: RejectedError) -> None:
        self.rejected[error.reason] += 1
        examples = self.rejected_examples.setdefault(error.reason, [])
        examples += [error.text] if len(examples) < REPORTED else []


def gather(form: Form, tables: Sequence[Path], max_pixels: int, *, quiet: bool = False) -> Gathered:
    """Read `tables` into memory: 330,000 rows take 0.8 GiB at their peak, writing included.

    Parameters
    ----------
    max_pixels : size that the trainer reduces an image to; labeled pairs that it cannot reduce are rejected

    Raises
    ------
    ValueError : a table is of another kind, or a group is in two splits
    """
    gathered = Gathered(form, max_pixels)
    batches = []
    with tqdm(desc="reading", unit="row", disable=quiet) as bar:
        for path, name in _files(form, tables):
            for rows in read_batches(path, TABLES[name]):
                kept = [row for one in rows for row in gathered.add(one, name)]
                batches.append(pa.RecordBatch.from_pylist(kept, schema=form.table))
                bar.update(len(rows))
    gathered.table = pa.Table.from_batches(batches, schema=form.table).combine_chunks()
    return gathered


def _files(form: Form, tables: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield every file of the tables, and the name of its table."""
    for table in tables:
        files = table_files(table)
        try:
            name = table_name(read_schema(files[0]))
        except ValueError as error:
            raise ValueError(f"{str(files[0])!r}: {error}") from None
        if name not in form.readers:
            raise ValueError(
                f"the tables of this mix must be {' or '.join(form.readers)}, got {name} in {str(table)!r}"
            )
        yield from ((path, name) for path in files)

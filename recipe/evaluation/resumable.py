"""Write the results of one system in chunks: OUT/LABEL.parquet and, written last, its manifest OUT/LABEL.json.

A chunk is a file of its own below OUT/.chunks until all are made, so a killed run loses at most one, and no more than a chunk of
results is in memory. The name of a chunk's folder is the digest of all that decides the results: chunks of other rows, options or
code are never taken.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from iea.data_prep.files import check_seal, file_sha256, parquet_writer, read_json, write_parquet
from iea.data_prep.runner.shard import digest_of
from iea.recipe.evaluation.evaluate import checked_answers
from iea.recipe.evaluation.labeled_system import LabeledSystem
from iea.recipe.evaluation.lines import Scoring, lines_of
from iea.recipe.evaluation.systems.system import Answer, Session

CHUNK = 128  # rows; a search of the oracle takes a second or two of each
CHUNKS, DIGITS = ".chunks", 16  # digits of a digest in the name of a folder
MADE_FROM = "made_from"


@dataclass(frozen=True)
class Made:
    """Counts of a run: all rows, those that it made, its seconds, and the requests, tokens and cost of an endpoint."""

    rows: int
    made: int
    seconds: float
    usage: Mapping[str, Any] | None = None


def is_finished(out: Path, label: str, made_from: Mapping[str, Any]) -> bool:
    """Return True if the results exist and were made from the same.

    Raises
    ------
    ValueError : they were made from something else; the text names the difference
    """
    manifest, results = read_json(out / f"{label}.json") or {}, out / f"{label}.parquet"
    found = manifest.get(MADE_FROM)
    if found is not None and found != made_from:
        differing = sorted(key for key in {*found, *made_from} if found.get(key) != made_from.get(key))
        raise ValueError(
            f"the results {label!r} in {str(out)!r} must be of the same rows, options and code, got others: "
            f"{', '.join(differing)}; choose another --out or LABEL:, or remove {label}.json to make them again"
        )
    return found is not None and results.is_file() and file_sha256(results) == manifest.get("sha256")


def make_results(
    labeled: LabeledSystem,
    table: pd.DataFrame,
    scoring: Scoring,
    out: Path,
    made_from: Mapping[str, Any],
    *,
    chunk: int = CHUNK,
    quiet: bool = False,
) -> Made:
    """Make the chunks that are missing, and join them to OUT/LABEL.parquet. The manifest is left to the caller.

    Parameters
    ----------
    table : rows of `iea.recipe.evaluation.evaluate.rows_for`
    made_from : JSON values that decide the results
    chunk : rows per chunk

    Raises
    ------
    RuntimeError : a row could not be scored, or answered, through no fault of the system; the chunks before it stay
    """
    folder = out / CHUNKS / f"{labeled.label}-{digest_of(made_from, chunk)[:DIGITS]}"
    folder.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(table), chunk)
    paths = {start: folder / f"{start // chunk:05d}.parquet" for start in starts}
    missing = [start for start in starts if not _is_whole(paths[start])]
    begun = time.perf_counter()
    made = sum(len(table.iloc[start : start + chunk]) for start in missing)
    with (
        _event_loop() as loop,
        tqdm(total=len(table), initial=len(table) - made, desc=labeled.label, unit="row", disable=quiet) as bar,
    ):
        session = labeled.system.session(labeled.options) if missing else None
        answers = _answers(labeled, session, table, missing, chunk) if session else iter(())
        for start, (rows, answered) in zip(missing, answers, strict=True):
            lines = loop.run_until_complete(lines_of(rows, answered, scoring))
            _refuse_unscored(labeled.label, lines)
            write_parquet(paths[start], pa.Table.from_pylist(lines, schema=_schema(lines[0])), compression="zstd")
            bar.update(len(rows))
    _join(list(paths.values()), out / f"{labeled.label}.parquet")
    usage = getattr(session, "usage", None)
    return Made(len(table), made, time.perf_counter() - begun, usage.as_dict() if usage else None)


def clean(out: Path, label: str) -> None:
    """Remove the chunks of a system, of all runs."""
    for folder in (out / CHUNKS).glob(f"{label}-{'[0-9a-f]' * DIGITS}"):  # not those of LABEL-2
        shutil.rmtree(folder)


def _answers(
    labeled: LabeledSystem, session: Session, table: pd.DataFrame, starts: list[int], chunk: int
) -> Iterator[tuple[pd.DataFrame, list[Answer]]]:
    """Yield the rows of each chunk and their answers."""
    whole = checked_answers(labeled.system, session, table) if labeled.system.whole else None
    for start in starts:
        rows = table.iloc[start : start + chunk].reset_index(drop=True)
        yield rows, whole[start : start + chunk] if whole else checked_answers(labeled.system, session, rows)


def _refuse_unscored(label: str, lines: list[dict[str, Any]]) -> None:
    """Raise RuntimeError for rows without a score: written, they would stay. A score of NaN is of a row that has none."""
    missing = [line for line in lines if line["error"] or (line["fallback"] and line["score"] == line["score"])]
    if missing:
        raise RuntimeError(
            f"every row of {label} must be scored, got {len(missing)} of {len(lines)} without a score, such as "
            f"{missing[0]['name'] or missing[0]['index']!r}; see the log, and start again to continue"
        )


def _schema(line: Mapping[str, Any]) -> pa.Schema:
    """Return the columns of a line: texts, the index, and numbers, whose NaN is not null."""
    kinds: dict[type, pa.DataType] = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    return pa.schema([(key, kinds[type(value)]) for key, value in line.items()])


def _is_whole(path: Path) -> bool:
    try:
        check_seal(path)
    except (OSError, ValueError):
        return False
    return True


def _join(chunks: list[Path], out: Path) -> None:
    with parquet_writer(out, pq.read_schema(chunks[0]), compression="zstd") as writer:
        for path in chunks:
            writer.write_table(pq.read_table(path))


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Yield one event loop for all chunks, to which a judge belongs."""
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

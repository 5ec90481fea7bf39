"""Run a step of data preparation over many items: on Ray, in shards, resumable, with the same bytes after any interruption.

A step turns one item (a plain dict) into rows of its schema, or rejects it with a named reason. Items are dealt to shards
in the order given. A shard is written under another name and renamed, so a finished shard is always whole and an unfinished
one is made again. Rows depend only on the item and the step's settings, never on the worker or the number of attempts.

A shard is also made again if its items or a file that it read or wrote have changed. Items that the environment rejected
(iea.data_prep.reasons) are tried again by every run. Other settings or code in the same folder are an error.

A finished folder holds `00000.parquet`, `00001.parquet`, ..., the rejections of a shard in `00000.rejected.jsonl`, and
`report.json`.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tqdm import tqdm

from iea.data_prep.files import code_sha256, read_json, versions, write_json
from iea.data_prep.lock import locked
from iea.data_prep.runner.ray_pool import as_completed
from iea.data_prep.runner.shard import (
    Item,
    ItemFailedError,
    RejectedError,
    Row,
    Shard,
    Step,
    deal,
    digest_of,
    is_of_step,
    make_shard,
    rejections,
    remove_shard,
    unfinished,
)
from iea.data_prep.runner.tables import REPORT, read_rows

__all__ = ["Item", "ItemFailedError", "NothingMadeError", "RejectedError", "Report", "Row", "Step", "read_rows", "run"]

SHARD_ITEMS = 64  # small enough that a kill loses seconds, large enough that Ray's milliseconds a task do not count
EXAMPLES = 3  # rejections of each reason that the report quotes


class NothingMadeError(RuntimeError):
    """A step rejected all its items, or had none; the text says why. Its report is written."""


@dataclass(frozen=True)
class Report:
    """Counts of items and rows, and of rejected items by reason."""

    items: int
    rows: int
    rejected: dict[str, int]
    reused_shards: int
    seconds: float


def run(
    step: Step,
    items: Sequence[Item],
    out: Path,
    *,
    workers: int = 0,
    address: str | None = None,
    shard_items: int = SHARD_ITEMS,
    quiet: bool = False,
) -> Report:
    """Make the shards of `step` that are missing in `out`, then write the report.

    Parameters
    ----------
    items : JSON values, in a fixed order
    out : folder to write
    workers : shards in progress; 0 = one per CPU of this machine or of the cluster. 1 without an address runs in this
        process, without Ray: faster to start, but a crash in `step.make` ends the run
    address : of a Ray cluster that sees the same file system; None = Ray on this machine
    shard_items : items per shard
    quiet : no progress bar

    Raises
    ------
    ValueError : `out` holds shards of other settings or code, or files of another step
    ItemFailedError : `step.make` raised something other than RejectedError
    NothingMadeError : all items were rejected
    LockedError : another run writes to `out`
    RuntimeError : a shard's worker died repeatedly, or Ray itself was lost

    Finished shards stay after any error, and the next run continues from them.
    """
    if shard_items < 1 or workers < 0:
        raise ValueError(f"shard_items must be >= 1 and workers >= 0, got {shard_items} and {workers}")
    started = time.perf_counter()
    identity = {
        "step": step.name,
        "settings": step.settings,
        "schema": str(step.schema),
        "versions": versions(),
        "code_sha256": code_sha256(),
    }
    digest = digest_of(identity)
    shards = list(deal(step, digest, items, out.absolute(), shard_items))
    with locked(out):
        todo = _todo(step.name, digest, shards, out)
        waiting = len(items) - sum(len(shard.items) for shard in todo)
        remade = 0
        with tqdm(total=len(items), initial=waiting, desc=step.name, unit="item", disable=quiet) as bar:
            for count, made in as_completed(make_shard, step, todo, workers=workers, address=address):
                bar.update(count)
                remade += made
        report = _write_report(identity, shards, out)
    if items and not report["rows"]:
        raise NothingMadeError(nothing_made(step.name, report))
    reused, seconds = len(shards) - remade, time.perf_counter() - started
    return Report(len(items), report["rows"], report["rejected"], reused, seconds)


def nothing_made(name: str, report: dict[str, Any]) -> str:
    """Say which step made no rows, and why, in one line."""
    counts = ", ".join(f"{count} {reason}" for reason, count in report["rejected"].items()) or "there are none"
    examples = [texts[0] for texts in report["rejected_examples"].values()]
    shown = f"; such as: {examples[0]}" if examples else ""
    return f"{name} must make rows of at least one of {report['items']} items, got none: {counts}{shown}"


def _todo(name: str, digest: str, shards: Sequence[Shard], out: Path) -> list[Shard]:
    """Return the shards to make; remove the report if there are any, and remove shards beyond the given items.

    Raises
    ------
    ValueError : `out` holds other files, which are left unchanged
    """
    if (report := read_json(out / REPORT)) is not None and report.get("step") != name:  # a damaged one is made again
        raise ValueError(
            f"{str(out)!r} must be a new folder or one of the step {name!r}, got one with a {REPORT} of another; "
            "choose a new folder, or remove that file"
        )
    todo = [one for shard in shards if (one := unfinished(shard))]
    others = sorted(set(out.glob("*.parquet")) - {out / shard.path.name for shard in shards})
    surplus = [path for path in others if is_of_step(path, digest)]
    if foreign := set(others) - set(surplus):  # they would be taken for rows of this step
        raise ValueError(
            f"{str(out)!r} must hold no parquet files but the {len(shards)} shards of these items, got "
            f"{min(foreign).name!r}; choose a new folder, or remove this one to make it again"
        )
    if surplus or any(not shard.retried for shard in todo):
        (out / REPORT).unlink(missing_ok=True)
    for path in surplus:
        remove_shard(path)
    return todo


def _write_report(identity: dict[str, Any], shards: Sequence[Shard], out: Path) -> dict[str, Any]:
    """Remove the files of killed workers, then write and return the report, which depends only on the shards."""
    for partial in out.glob(".*.partial"):
        partial.unlink(missing_ok=True)
    rejected: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for shard in shards:
        for rejection in rejections(shard.path):
            rejected[rejection["reason"]] += 1
            if rejected[rejection["reason"]] <= EXAMPLES:
                examples.setdefault(rejection["reason"], []).append(rejection["text"])
    report = identity | {
        "items": sum(len(shard.items) for shard in shards),
        "shards": len(shards),
        "rows": sum(pq.read_metadata(shard.path).num_rows for shard in shards),
        "rejected": dict(sorted(rejected.items())),
        "rejected_examples": dict(sorted(examples.items())),
    }
    write_json(out / REPORT, report)
    return report

"""Run a step of data preparation over many items: on Ray, in shards, resumable, with the same bytes however it went.

A step turns one item (a plain dict) into rows of its schema, or refuses it with a named reason. Items are dealt to shards
in the order given; a shard is written under another name and renamed, so that whatever is killed, a finished shard is
whole and an unfinished one is made again. Rows depend on the item and the step's settings alone, never on the shard's
worker or on how often it was tried.

A finished folder holds `00000.parquet`, `00001.parquet`, ..., beside each that rejected items `00000.rejected.jsonl`, and
`report.json`.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.data_prep.files import code_sha256, versions, write_json
from iea.data_prep.runner.ray_pool import as_completed
from iea.data_prep.runner.shard import (
    Item,
    ItemFailedError,
    RejectedError,
    Row,
    Shard,
    Step,
    counts,
    deal,
    is_made,
    make_shard,
    rejections,
)
from iea.data_prep.runner.tables import REPORT, read_rows

__all__ = ["Item", "ItemFailedError", "RejectedError", "Report", "Row", "Step", "read_rows", "run"]

SHARD_ITEMS = 64  # small enough that a kill loses seconds, large enough that Ray's milliseconds a task do not count
EXAMPLES = 3  # rejections of each reason that the report tells in full


@dataclass(frozen=True)
class Report:
    """What became of the items: kept rows, and how many items were rejected for which reason."""

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
    """Make every shard of `step` in `out`, or find it made; then write the report.

    Parameters
    ----------
    items : in a fixed order, JSON values
    out : folder for `00000.parquet`, `00001.parquet`, ... and `report.json`
    workers : shards at once; 0 = one per CPU that there is, on this machine or in the cluster. One at a time on this
        machine is done in this process, without Ray: quick, but a crash in `make` is then a crash of the run
    address : of a Ray cluster that sees the same file system; None = Ray on this machine
    shard_items : items a shard
    quiet : no progress bar

    Raises
    ------
    ValueError : `out` holds shards of other items, settings or code
    ItemFailedError : `make` raised what is no rejection
    RuntimeError : a shard's worker died again and again, or Ray itself was lost

    Whatever it raises, finished shards stay and a run started again goes on from there.
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
    shards = list(deal(identity, items, out.absolute(), shard_items))
    todo = [shard for shard in shards if not is_made(shard)]
    _check_no_others(out, shards)
    out.mkdir(parents=True, exist_ok=True)
    if todo:
        (out / REPORT).unlink(missing_ok=True)
    made = len(items) - sum(len(shard.items) for shard in todo)
    with tqdm(total=len(items), initial=made, desc=step.name, unit="item", disable=quiet) as bar:
        for count in as_completed(make_shard, step, todo, workers=workers, address=address):
            bar.update(count)
    rows, rejected = _finish(identity, shards, out)
    return Report(len(items), rows, rejected, len(shards) - len(todo), time.perf_counter() - started)


def _check_no_others(out: Path, shards: Sequence[Shard]) -> None:
    """Parquet files besides the shards would be taken for rows of this step."""
    named = {shard.path.name for shard in shards}
    others = sorted(path.name for path in out.glob("*.parquet") if path.name not in named)
    if others:
        raise ValueError(
            f"{str(out)!r} must hold no parquet files but the {len(shards)} shards of these items, got {others[0]!r}; "
            "choose a new folder, or remove this one to make it anew"
        )


def _finish(identity: dict[str, Any], shards: Sequence[Shard], out: Path) -> tuple[int, dict[str, int]]:
    """Clear away what killed workers left and write the report, which the shards alone decide. Returns rows, rejections."""
    for partial in out.glob(".*.partial"):
        partial.unlink(missing_ok=True)
    rows, rejected = 0, Counter[str]()
    examples: dict[str, list[str]] = {}
    for shard in shards:
        more, reasons = counts(shard.path)
        rows += more
        rejected.update(reasons)
        for one in rejections(shard.path) if reasons else ():
            told = examples.setdefault(one["reason"], [])
            if len(told) < EXAMPLES:
                told.append(one["text"])
    content = identity | {
        "items": sum(len(shard.items) for shard in shards),
        "shards": len(shards),
        "rows": rows,
        "rejected": dict(sorted(rejected.items())),
        "rejected_examples": dict(sorted(examples.items())),
    }
    write_json(out / REPORT, content)
    return rows, content["rejected"]

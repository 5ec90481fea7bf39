"""Make synthetic examples of photographs, and scored pairs of sentences for the reward model.

    iea data synthesize --pairs OUT/pairs/pairs.parquet --out OUT/synthetic --pairs-per-photo 8

Writes `examples/` (rows of EXAMPLES: Edit, Summary and Refine), `judged/` (rows of JUDGED), `images/`, and last
`manifest.json` with the counts of both. Of PAIRS only the originals are used, each photograph once, with its split. Safe to
interrupt: the same command resumes and writes the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from iea.data_prep import runner
from iea.data_prep.check import check_row
from iea.data_prep.files import write_json
from iea.data_prep.lock import locked
from iea.data_prep.runner import Item, RejectedError, Report, Row, Step
from iea.data_prep.schema import EXAMPLES, JUDGED
from iea.data_prep.synthesize.difficulty import DIFFICULTIES
from iea.data_prep.synthesize.draw_pair import PATCH
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.rows import ExamplesMaker
from iea.data_prep.synthesize.tool_counts import tally_examples, tally_judged
from iea.editor import TOOLS

MANIFEST = "manifest.json"
IMAGE_COLUMNS = ("original", "reference", "previous")


@dataclass(frozen=True)
class SynthesizeConfig:
    """Settings of one synthetic data set.

    pairs_per_photo : pairs made from each training photograph, times its weight. A pair gives about seven rows (paper) or
        one (easy); every 4th pair has no request
    val_pairs_per_photo : pairs made from each photograph of another split; default: as many
    size : side of the images, pixels, a multiple of 28
    difficulty : key of DIFFICULTIES
    judged : programs for scored pairs of sentences, about seventeen rows each; 0 = none
    judged_val : programs for scored pairs of sentences in held-out phrases
    looks : also make rows of the second of two turns (Look), one of each edit whose errors can be seen
    """

    pairs_per_photo: int = 8
    val_pairs_per_photo: int | None = None
    size: int = 504
    difficulty: str = "paper"
    judged: int = 1000
    judged_val: int = 100
    seed: int = 0
    looks: bool = False

    def __post_init__(self) -> None:
        if self.pairs_per_photo < 1 or (self.val_pairs_per_photo or 1) < 1:
            raise ValueError(
                f"pairs per photo must be 1 or more, got {self.pairs_per_photo} and {self.val_pairs_per_photo}"
            )
        if min(self.judged, self.judged_val, self.seed) < 0:
            raise ValueError(
                f"judged, judged_val and seed must be 0 or more, got {self.judged}, {self.judged_val}, {self.seed}"
            )
        if self.difficulty not in DIFFICULTIES:
            raise ValueError(f"difficulty must be one of {', '.join(DIFFICULTIES)}, got {self.difficulty!r}")
        if self.size < PATCH or self.size % PATCH:
            raise ValueError(f"size must be a multiple of {PATCH}, got {self.size}; try {PATCH * 4}")


@dataclass(frozen=True)
class Synthesis:
    """Result of a run: the reports of both steps, and the manifest."""

    examples: Report
    judged: Report
    manifest: dict[str, Any]


def example_items(pairs: Sequence[Row], config: SynthesizeConfig) -> list[Item]:
    """Return the items of the examples, numbered: for each photograph of PAIRS as many as the config asks, at least one.

    A row that cannot be used is an item with its `rejected` reason and text.
    """
    items: list[Item] = []
    photographs: dict[str, Row] = {}  # versions by several experts have one original
    for row in pairs:
        try:
            check_row(row, "PAIRS")
            photographs[row["original"]] = row
        except RejectedError as error:  # which the maker raises again, to be counted
            items.append({"rejected": [error.reason, error.text]})
    for row in photographs.values():
        count = config.pairs_per_photo
        if row["split"] != "train":
            count = config.val_pairs_per_photo or count
        kept = {key: row[key] for key in ("photo", "group", "split", "original")}
        items += [kept] * max(1, round(count * float(row["weight"])))
    return [item | {"number": number} for number, item in enumerate(items)]


def judged_items(rows: Mapping[str, int]) -> list[Item]:
    """Return the items of the scored pairs, numbered; `rows` maps a split to its number of items."""
    splits = [split for split, count in rows.items() for _ in range(count)]
    return [{"number": number, "split": split} for number, split in enumerate(splits)]


def synthesize(
    pairs: Sequence[Row],
    out: Path,
    config: SynthesizeConfig,
    *,
    workers: int = 0,
    address: str | None = None,
    quiet: bool = False,
) -> Synthesis:
    """Make both tables in `out`, or their missing shards.

    Parameters
    ----------
    pairs : rows of PAIRS
    workers, address : as iea.data_prep.runner.run; the bytes do not depend on them

    Raises
    ------
    ValueError : `out` holds tables of other settings or code
    LockedError : another run writes to `out`
    """
    with locked(out):
        return _synthesize(pairs, out.absolute(), config, {"workers": workers, "address": address, "quiet": quiet})


def _synthesize(pairs: Sequence[Row], out: Path, config: SynthesizeConfig, options: dict[str, Any]) -> Synthesis:
    (out / MANIFEST).unlink(missing_ok=True)

    def run(name: str, schema: pa.Schema, maker: ExamplesMaker | JudgedMaker, items: list[Item]) -> Report:
        files = (("original",), IMAGE_COLUMNS) if name == "examples" else ((), ())
        step = Step(name, schema, maker, asdict(maker), *files)
        return runner.run(step, items, out / name, **options)

    maker = ExamplesMaker(str(out / "images"), config.size, config.seed, config.difficulty, config.looks)
    examples = run("examples", EXAMPLES, maker, example_items(pairs, config))
    items = judged_items({"train": config.judged, "val": config.judged_val})
    judged = run("judged", JUDGED, JudgedMaker(config.seed), items)
    manifest = {
        "config": asdict(config),
        "examples": _counts(examples) | tally_examples(out / "examples"),
        "judged": _counts(judged) | tally_judged(out / "judged"),
    }
    write_json(out / MANIFEST, manifest)
    return Synthesis(examples, judged, manifest)


def _counts(report: Report) -> dict[str, Any]:
    return {"items": report.items, "rows": report.rows, "rejected": report.rejected}


def summary(made: Synthesis) -> str:
    """Describe a run in a few lines."""
    examples, judged = made.manifest["examples"], made.manifest["judged"]
    tasks = ", ".join(f"{count} {task}" for task, count in examples.get("tasks", {}).items())
    speed = f", {made.examples.rows / made.examples.seconds:.1f} rows/s" if not made.examples.reused_shards else ""
    lines = [f"examples: {made.examples.rows} rows of {made.examples.items} items ({tasks}){speed}"]
    lines += [f"  rejected: {count} {reason}" for reason, count in examples["rejected"].items()]
    if unused := ", ".join(examples["unused"]):
        needed = f"{2 * len(TOOLS)} pairs with a request deal every tool in every direction"
        lines.append(f"  warning: no program uses {unused}; {needed}")
    else:
        lines.append(f"  all {len(TOOLS)} tools used")
    lines.append(f"judged: {made.judged.rows} rows ({judged['splits']}), scores {judged['scores']}")
    return "\n".join(lines)

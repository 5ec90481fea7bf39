"""Make synthetic examples of photographs, and scored pairs of sentences for the reward model.

    python -m iea.data_prep.synthesize.step --pairs OUT/pairs --out OUT/synthetic --photos-rows 8

Writes `examples/` (rows of EXAMPLES: Edit, Summary and Refine), `judged/` (rows of JUDGED), `images/`, and last
`manifest.json` with the counts of both. Of the pairs only the originals are used, each photograph once; the splits are
theirs. Started again after whatever end, it goes on where it was, and the bytes are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from iea.data_prep import runner
from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.build import PATCH
from iea.data_prep.files import write_json
from iea.data_prep.runner import Item, Report, Row, Step
from iea.data_prep.schema import EXAMPLES, JUDGED
from iea.data_prep.synthesize.counts import tally_examples, tally_judged
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.rows import ExamplesMaker

MANIFEST = "manifest.json"

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class SynthesizeConfig:
    """Settings of one synthetic data set.

    photos_rows : pairs of pictures to be made of a photograph; each is some seven rows, in a quarter of them two
    size : side of the pictures, pixels
    judged, judged_val : programs of which scored pairs are made, some seventeen each
    """

    photos_rows: int = 8
    size: int = 504
    judged: int = 1000
    judged_val: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if self.photos_rows < 1 or self.judged < 1 or self.judged_val < 1 or self.seed < 0:
            raise ValueError(f"counts must be 1 or more and the seed 0 or more, got {self}")
        if self.size < PATCH or self.size % PATCH:
            raise ValueError(f"size must be a multiple of {PATCH}, got {self.size}; try {PATCH * 4}")


@dataclass(frozen=True)
class Synthesis:
    """What was made: how the two steps went, and the manifest."""

    examples: Report
    judged: Report
    manifest: dict[str, Any]


def example_items(pairs: Sequence[Row], photos_rows: int) -> list[Item]:
    """Items of the examples: each photograph of PAIRS `photos_rows` times in a row, numbered."""
    photographs = {row["original"]: row for row in pairs}  # five experts' versions have one original
    once = [
        {key: row[key] for key in ("photo", "group", "split", "original")} for row in photographs.values()
    ]
    return [{"number": n * photos_rows + i, **one} for n, one in enumerate(once) for i in range(photos_rows)]


def judged_items(rows: Mapping[str, int]) -> list[Item]:
    """Items of the scored pairs: `rows` says how many of which split, numbered through."""
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
    """Make both tables in `out`, or what is missing of them.

    Parameters
    ----------
    pairs : rows of PAIRS
    workers, address : as iea.data_prep.runner.run; the bytes do not depend on them

    Raises
    ------
    ValueError : `out` is of other settings, or the rows are too few to use every tool in every direction
    """
    out = out.absolute()
    (out / MANIFEST).unlink(missing_ok=True)
    maker = ExamplesMaker(str(out / "images"), config.size, config.seed)
    examples, judged = Step("examples", EXAMPLES, maker, asdict(maker)), JudgedMaker(config.seed)
    steps = {
        "examples": (examples, example_items(pairs, config.photos_rows)),
        "judged": (
            Step("judged", JUDGED, judged, asdict(judged)),
            judged_items({"train": config.judged, "val": config.judged_val}),
        ),
    }
    reports = {
        name: runner.run(step, items, out / name, workers=workers, address=address, quiet=quiet)
        for name, (step, items) in steps.items()
    }
    manifest = {"config": asdict(config)} | {
        name: {"items": report.items, "rows": report.rows, "rejected": report.rejected, **tally(out / name)}
        for (name, report), tally in zip(reports.items(), (tally_examples, tally_judged), strict=True)
    }
    write_json(out / MANIFEST, manifest)
    return Synthesis(reports["examples"], reports["judged"], manifest)


def _summary(made: Synthesis) -> str:
    """What a person wants to know afterwards, in a few lines."""
    examples, judged = made.manifest["examples"], made.manifest["judged"]
    tools = examples["tools"]
    rarest = min(tools, key=tools.__getitem__)
    tasks = ", ".join(f"{count} {task}" for task, count in examples["tasks"].items())
    speed = (
        f", {made.examples.rows / made.examples.seconds:.1f} rows/s"
        if not made.examples.reused_shards
        else ""
    )
    rejected = "".join(f"\n  rejected: {count} {reason}" for reason, count in examples["rejected"].items())
    return (
        f"examples: {made.examples.rows} rows of {made.examples.items} items ({tasks}){speed}{rejected}\n"
        f"  all {len(tools)} tools used; the rarest, {rarest}, in {tools[rarest]} programs\n"
        f"judged: {made.judged.rows} rows ({judged['splits']}), scores {judged['scores']}"
    )


@app.command()
def main(
    pairs: Annotated[Path, typer.Option(help="table of pairs: a folder of shards, or one parquet file")],
    out: Annotated[Path, typer.Option(help="folder for the tables and pictures")],
    photos_rows: Annotated[
        int, typer.Option(help="pairs of pictures made of a photograph, seven rows each")
    ] = 8,
    size: Annotated[int, typer.Option(help="side of the pictures, pixels, a multiple of 28")] = 504,
    judged: Annotated[int, typer.Option(help="programs for scored sentences, seventeen rows each")] = 1000,
    judged_val: Annotated[int, typer.Option(help="the same in held-out wording")] = 100,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 0,
    workers: Annotated[int, typer.Option(help="shards at once, 0 = one per CPU; same bytes")] = 0,
    address: Annotated[str | None, typer.Option(help="Ray cluster; default: this machine")] = None,
) -> None:
    """Make synthetic examples and scored sentences."""
    try:
        config = SynthesizeConfig(photos_rows, size, judged, judged_val, seed)
        made = synthesize(read_pairs(pairs), out, config, workers=workers, address=address)
    except (ValueError, RuntimeError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(_summary(made))


if __name__ == "__main__":
    app()

"""Build a data set: pictures, four parquet files and a manifest.

    python -m iea.data_prep.build --out data/fold0 --fold 0

`train` and `val` are for RL, `sft_train` for SFT; `sft_val` holds the rows of `val` as SFT rows. Everything
is written under other names and renamed, the manifest last: a folder without manifest.json is unfinished and
is made again; one made by the same settings from the same photographs by the same code is used as it is.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from tqdm import tqdm

from iea.data_prep import manifest as m
from iea.data_prep.files import code_sha256, read_json, versions, write_json
from iea.data_prep.folds import Split, split_photos
from iea.data_prep.generate import Generator, generate
from iea.data_prep.photographs import Skipped, bundled_photos, file_sha256, folder_photos, prepare
from iea.data_prep.row import RL_SCHEMA, SFT_SCHEMA, Record, rl_row, sft_row

FORMAT = 1
PATCH = 28  # Qwen2.5-VL merges 2 x 2 patches of 14 pixels; other sides would be resized before it sees them
MANIFEST = "manifest.json"
WORK = ".work"  # present while a build is under way or was cut off
PARQUETS = ("train.parquet", "val.parquet", "sft_train.parquet", "sft_val.parquet")


app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class BuildConfig:
    """Settings of one data set.

    `photos` None = the bundled photographs; `size` in pixels; `label_noise` 0 = exact labels.
    """

    out: Path
    photos: Path | None = None
    train_rows: int = 2048
    val_rows: int = 240
    sft_rows: int = 8192
    size: int = 112
    fold: int = 0
    seed: int = 0
    label_noise: float = 1.0

    def __post_init__(self) -> None:
        for name in ("train_rows", "val_rows", "sft_rows"):
            if getattr(self, name) < 4:
                raise ValueError(
                    f"{name} must be 4 or more, got {getattr(self, name)}: each 4th is an auto row"
                )
        if self.size < PATCH or self.size % PATCH:
            raise ValueError(f"size must be a multiple of {PATCH}, got {self.size}; try {PATCH * 4}")
        if self.fold < 0 or self.seed < 0:
            raise ValueError(f"fold and seed must be 0 or more, got {self.fold} and {self.seed}")
        if not 0 <= self.label_noise <= 1:
            raise ValueError(f"label_noise must be in [0, 1], got {self.label_noise}; 0 = exact labels")

    def described(self) -> dict[str, Any]:
        """The settings as JSON values, paths absolute."""
        photos = str(self.photos.resolve()) if self.photos else None
        return asdict(self) | {"out": str(self.out.resolve()), "photos": photos}


@dataclass(frozen=True)
class Built:
    """A finished data set: where it is, its manifest, and whether it was there already."""

    out: Path
    manifest: dict[str, Any]
    reused: bool


def build(config: BuildConfig, *, jobs: int = 0, quiet: bool = False) -> Built:
    """Make the data set of `config`, or find it made.

    Parameters
    ----------
    jobs : processes; 0 = one per core up to 4. The bytes do not depend on it
    quiet : no progress bar; skipped photographs are still reported on stderr

    Raises
    ------
    ValueError : no usable photographs, or `out` holds files that are not from here
    """
    out = config.out.resolve()
    photos, skipped = (folder_photos(config.photos), []) if config.photos else bundled_photos()
    identity = {
        "format": FORMAT,
        "config": config.described(),
        "versions": versions(),
        "code_sha256": code_sha256(),
        "inputs_sha256": m.inputs_sha256(photos),
    }
    ready = _finished(out, identity)
    if ready:
        return Built(out, ready, reused=True)
    work = _claim(out)
    opening = tqdm(photos, desc="photographs", unit="file", leave=False, disable=quiet)
    prepared, skipped = prepare(opening, config.size, work, skipped)
    split = split_photos(prepared, config.fold, by_content=config.photos is not None)
    _report(skipped, split.warning)
    generator = Generator(out / "images", split, config.size, config.seed, config.label_noise)
    records = _records(generator, config, jobs or min(4, os.cpu_count() or 1), quiet)
    hashes = _write_parquets(out, records, config.size)
    content = identity | _described(records, split, skipped) | {"files": hashes}
    write_json(out / MANIFEST, content)
    shutil.rmtree(work)
    return Built(out, content, reused=False)


def _finished(out: Path, identity: dict[str, Any]) -> dict[str, Any] | None:
    """The manifest in `out` if it is of this very data set and its parquet files are as written."""
    found = read_json(out / MANIFEST)
    if found is None or {key: found.get(key) for key in identity} != identity:
        return None
    hashes = {name: file_sha256(out / name) for name in PARQUETS if (out / name).exists()}
    images = sum(path.is_file() for path in (out / "images").rglob("*"))
    return found if hashes == found.get("files") and images == found.get("images") else None


def _claim(out: Path) -> Path:
    """Empty `out` of a previous or cut-off build and mark it as under way. Returns the working folder."""
    work = out / WORK
    named = [out / "images", *(out / name for name in PARQUETS)]
    if any(p.exists() for p in named) and not (work.exists() or (out / MANIFEST).exists()):
        raise ValueError(
            f"--out must be a new folder or one made by this command, got {str(out)!r} with an images "
            "folder or parquet files of its own; choose another"
        )
    work.mkdir(parents=True, exist_ok=True)  # before anything is removed: a cut here leaves the mark
    (out / MANIFEST).unlink(missing_ok=True)
    for path in named[1:]:
        path.unlink(missing_ok=True)
    shutil.rmtree(out / "images", ignore_errors=True)
    return work


def _report(skipped: list[Skipped], warning: str) -> None:
    for one in skipped:
        print(f"skipped {one.file}: {one.reason}", file=sys.stderr)
    if warning:
        print(f"warning: {warning}", file=sys.stderr)


def _records(generator: Generator, config: BuildConfig, jobs: int, quiet: bool) -> list[Record]:
    rows = {"train": config.train_rows, "val": config.val_rows, "sft_train": config.sft_rows}
    progress = tqdm(
        generate(generator, rows, jobs),
        total=sum(rows.values()),
        desc="rows",
        unit="row",
        mininterval=0.5,
        disable=quiet,
    )
    return list(progress)


def _write_parquets(out: Path, records: list[Record], size: int) -> dict[str, str]:
    """Write the four files; returns their SHA-256."""
    groups = {name: [r for r in records if r.split == name] for name in ("train", "val", "sft_train")}
    groups["sft_val"] = groups["val"]
    hashes = {}
    for name, group in groups.items():
        make, schema = (sft_row, SFT_SCHEMA) if name.startswith("sft") else (rl_row, RL_SCHEMA)
        path = out / f"{name}.parquet"
        partial = path.with_suffix(".partial")
        pq.write_table(pa.Table.from_pylist([make(r, size) for r in group], schema=schema), partial)
        partial.replace(path)
        hashes[path.name] = file_sha256(path)
    return hashes


def _described(records: list[Record], split: Split, skipped: list[Skipped]) -> dict[str, Any]:
    groups = {name: [r for r in records if r.split == name] for name in ("train", "val", "sft_train")}
    return {
        "photos": m.describe_photos(split),
        "skipped": m.describe_skipped(skipped),
        "warning": split.warning,
        "splits": {name: m.describe_rows(group) for name, group in groups.items()},
        "headroom": {name: m.describe_headroom(group) for name, group in groups.items()},
        "images": sum(1 + bool(r.reference) for r in records),
    }


def _summary(built: Built) -> str:
    """What a person wants to know after a build, in a few lines."""
    lines = [f"{'found' if built.reused else 'made'} {built.out}"]
    for name, rows in built.manifest["splits"].items():
        kinds = ", ".join(f"{count} {kind}" for kind, count in rows["kinds"].items())
        lines.append(f"  {name}: {rows['rows']} rows ({kinds}) of {len(rows['photos'])} photographs")
    held = [p["name"] for p in built.manifest["photos"] if p["role"] == "held_out"]
    lines.append(f"  held out: {', '.join(held)}")
    for kind, h in built.manifest["headroom"]["sft_train"].items():
        lines.append(
            f"  {kind}: reward of labels {h['labels']['reward_w0.7']:.3f}, of true programs "
            f"{h['true_programs']['reward_w0.7']:.3f}: {h['headroom_by_construction']:.3f} by construction"
        )
    return "\n".join(lines)


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="folder to write; a finished one with these settings is kept")],
    photos: Annotated[
        Path | None, typer.Option(help="folder of photographs; default: those inside installed wheels")
    ] = None,
    train_rows: Annotated[int, typer.Option(help="RL training rows")] = 2048,
    val_rows: Annotated[int, typer.Option(help="rows of held-out photographs")] = 240,
    sft_rows: Annotated[int, typer.Option(help="SFT training rows")] = 8192,
    size: Annotated[int, typer.Option(help="side of the pictures, pixels, a multiple of 28")] = 112,
    fold: Annotated[int, typer.Option(help="which photographs are held out: 0, 1, 2, ...")] = 0,
    seed: Annotated[int, typer.Option(help="seed of everything random")] = 0,
    label_noise: Annotated[
        float, typer.Option(help="faults of the SFT labels: 0 = exact, 1 = as distilled")
    ] = 1.0,
    jobs: Annotated[int, typer.Option(help="processes, 0 = one per core up to 4; same bytes")] = 0,
) -> None:
    """Make verl parquet files from photographs."""
    try:
        config = BuildConfig(out, photos, train_rows, val_rows, sft_rows, size, fold, seed, label_noise)
        built = build(config, jobs=jobs)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(_summary(built))


if __name__ == "__main__":
    app()

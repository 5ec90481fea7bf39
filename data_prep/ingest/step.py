"""Ingest a source: write its images and a table of all ingested rows, and report all that was rejected.

    iea data ingest gier --root /data/gier --out data/pairs
    iea data ingest folder --root /data/photos --out data/pairs

Each source adds to the same folder. Groups and splits are made over the whole folder every time, so that a photograph and
its near-duplicates share a split across sources. The folder holds `pairs.parquet` (schema.PAIRS, by source and name),
`report.json`, `images/`, and `shards/<source>/`, from which an interrupted run resumes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from iea.data_prep.files import code_sha256, read_json, versions, write_json, write_parquet
from iea.data_prep.ingest.pair import INGESTED, Ingest
from iea.data_prep.ingest.sources import SOURCES
from iea.data_prep.ingest.split_groups import ImagePrint, group_rows, own_split, split_rows
from iea.data_prep.lock import locked
from iea.data_prep.runner import Item, NothingMadeError, Row, Step, read_rows, run
from iea.data_prep.schema import PAIRS

PAIRS_FILE, REPORT_FILE, SHARDS, IMAGES = "pairs.parquet", "report.json", "shards", "images"
LIBRARIES = ("opencv-python-headless", "tifffile", "imagecodecs", "ImageHash", "scipy")  # they decide bytes or rows
OPTIONAL = ("rawpy", "pillow-heif")  # reported only: what they decode was rejected before they were installed
COPIED = ("items", "rows", "rejected", "rejected_examples", "settings")  # of the report of a source's step
IMAGE_COLUMNS = ("original", "reference")
MAX_PIXELS = 512 * 512  # as in the paper's training


@dataclass(frozen=True)
class IngestConfig:
    """Settings of one run.

    source : key of SOURCES
    root : folder of the source; not for bundled, which has none
    out : folder to write or to add to
    max_pixels : size that larger images are reduced to, pixels
    bits : bits per channel of the written images, 8 or 16
    fold : part of all photographs in OUT to hold out as val, of a cross-validation; default: 5 % test and 5 % val, by hash
    """

    source: str
    root: Path | None
    out: Path
    max_pixels: int = MAX_PIXELS
    bits: int = 8
    fold: int | None = None

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise ValueError(f"the source must be one of {', '.join(SOURCES)}, got {self.source!r}")
        if SOURCES[self.source].needs_root and (self.root is None or not self.root.is_dir()):
            raise ValueError(f"--root must be the folder of {self.source}, got {self.root}")
        if self.bits not in (8, 16) or self.max_pixels < 1:
            raise ValueError(f"--bits must be 8 or 16 and --max-pixels >= 1, got {self.bits}, {self.max_pixels}")
        if self.fold is not None and self.fold < 0:
            raise ValueError(f"--fold must be 0 or more, got {self.fold}")


def ingest(
    config: IngestConfig, *, workers: int = 0, address: str | None = None, quiet: bool = False
) -> dict[str, Any]:
    """Ingest one source, then group, split and write all sources of the folder. Returns the report.

    Raises
    ------
    ValueError : settings or the root are wrong, or the folder holds other files, or this source with other settings or code
    NothingMadeError : no image of the source can be used
    LockedError : another run writes to the folder
    """
    out = config.out.absolute()
    check_apart(config.root, out)
    with locked(out, [config.root]):
        _claim(out)
        source = SOURCES[config.source]
        root = (config.root or Path()).absolute()
        items = [one.to_item() for one in source.list(root)]
        _check_names(source.name, items)
        if not items:
            raise NothingMadeError(
                f"{source.name} must list photographs, got none in {str(root)!r}; mount or name another"
            )
        settings = {"source": source.name, "root": str(root) if source.needs_root else "", "out": str(out)}
        step = Step(
            name=f"ingest {source.name}",
            schema=INGESTED,
            make=Ingest(out / IMAGES, config.max_pixels, config.bits),
            settings=settings
            | {"max_pixels": config.max_pixels, "bits": config.bits, "libraries": versions(LIBRARIES)},
            reads=IMAGE_COLUMNS,
            writes=IMAGE_COLUMNS,
        )
        run(step, items, out / SHARDS / source.name, workers=workers, address=address, quiet=quiet)
        return _join(out, config.fold)


def check_apart(root: Path | None, out: Path, written: Sequence[str] = (IMAGES, SHARDS)) -> None:
    """Raise ValueError if a source's folder is the output folder, or lies in one of the folders `written` in it."""
    if root is None:
        return
    inside = [folder for folder in written if root.resolve().is_relative_to((out / folder).resolve())]
    if inside or root.resolve() == out.resolve():
        raise ValueError(
            f"the folder of a source must not be one that this command writes, got {str(root)!r} for the output "
            f"{str(out)!r}; choose another output"
        )


def _claim(out: Path) -> None:
    """Raise ValueError if `out` holds files by the names of ours that this step did not write."""
    report = read_json(out / REPORT_FILE)
    foreign = [name for name in (PAIRS_FILE, REPORT_FILE) if (out / name).exists() and not (out / SHARDS).is_dir()]
    foreign += [REPORT_FILE] if report is not None and "sources" not in report else []
    if foreign:
        raise ValueError(
            f"--out must be a new folder or one made by this command, got {str(out)!r} with a {foreign[0]} of another; "
            "choose a new folder"
        )


def _check_names(source: str, items: Sequence[Item]) -> None:
    """Raise ValueError unless the photographs of a source have different names, by which their images are written."""
    names = Counter(item["name"] for item in items if "original" in item)
    for name, count in names.items():
        if count > 1:
            raise ValueError(f"the source {source} must list every name once, got {name!r} {count} times")


def _join(out: Path, fold: int | None) -> dict[str, Any]:
    """Group, split and write all sources in `out`: `pairs.parquet` and `report.json`. Returns the report."""
    folders = sorted(path for path in (out / SHARDS).iterdir() if (path / REPORT_FILE).is_file())
    rows = sorted(
        (row for folder in folders for row in read_rows(folder)), key=lambda row: (row["source"], row["name"])
    )
    own = [own_split(row["split"], row["folds"], fold) for row in rows]
    prints = [
        ImagePrint(number, row[f"{role}pixels"], row[f"{role}phash"], row[f"{role}thumb"])
        for number, row in enumerate(rows)
        for role in ("", "reference_")
        if row[f"{role}phash"]
    ]
    groups = group_rows([row["photo"] for row in rows], prints)
    for row, group, split in zip(rows, groups, split_rows(groups, own, fold), strict=True):
        row["group"], row["split"] = group, split
    bare = [{name: row[name] for name in PAIRS.names} for row in rows]
    write_parquet(out / PAIRS_FILE, pa.Table.from_pylist(bare, schema=PAIRS), compression="zstd")
    report = _report(rows, own, folders) | {"fold": fold}
    write_json(out / REPORT_FILE, report)
    return report


def _report(rows: Sequence[Row], own: Sequence[str], folders: Sequence[Path]) -> dict[str, Any]:
    """Count kept and rejected rows by source, and splits, groups and methods of alignment."""
    steps = {folder.name: _step_report(folder / REPORT_FILE) for folder in folders}
    moves = ((old, row["split"]) for row, old in zip(rows, own, strict=True))
    photos: dict[str, set[str]] = {}
    for row in rows:
        photos.setdefault(row["group"], set()).add(row["photo"])
    return {
        "rows": len(rows),
        "sources": {name: {key: step[key] for key in COPIED} for name, step in steps.items()},
        "splits": _counted(row["split"] for row in rows),
        "moved_from_own_split": _counted(f"{old} to {new}" for old, new in moves if old not in ("", new)),
        "groups": {
            "groups": len(photos),
            "photos": sum(map(len, photos.values())),
            "photos_with_near_duplicates": sum(len(some) for some in photos.values() if len(some) > 1),
            "most_photos": max(map(len, photos.values()), default=0),
        },
        "alignment": _counted(f"{row['source']}: {row['alignment']}" for row in rows),
        "with_program": _counted(row["source"] for row in rows if row["program"]),
        "versions": versions() | versions(LIBRARIES + OPTIONAL),
        "code_sha256": code_sha256(),
    }


def _step_report(path: Path) -> dict[str, Any]:
    """Return the report of a source's step. Raises ValueError if it is damaged."""
    found = read_json(path) or {}
    if missing := [key for key in COPIED if key not in found]:
        raise ValueError(
            f"{str(path)!r} must hold {missing[0]!r}, got a damaged report; remove it and ingest that source again"
        )
    return found


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def summary(report: dict[str, Any], source: str) -> str:
    """Describe the source just ingested, and the whole folder, in a few lines."""
    one, groups = report["sources"][source], report["groups"]
    splits = ", ".join(f"{count} {split}" for split, count in report["splits"].items())
    return "\n".join(
        [
            f"{source}: {one['rows']} of {one['items']} kept",
            *(f"  rejected {count}: {reason}" for reason, count in one["rejected"].items()),
            f"total: {report['rows']} rows ({splits}) of {groups['photos']} photographs in {groups['groups']} groups",
            *(f"  aligned {method}: {count}" for method, count in report["alignment"].items()),
            *(f"  moved by their group from {move}: {count}" for move, count in report["moved_from_own_split"].items()),
        ]
    )

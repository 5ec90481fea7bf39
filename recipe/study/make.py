"""Make a study from a table of rows and folders of finished images: every image resized by one rule, under a random name."""

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path

import pandas as pd
from PIL import Image, ImageOps
from tqdm import tqdm

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor.io import read_image, replacing
from iea.recipe.study.languages import LANGUAGES
from iea.recipe.study.study import FILE, IMAGES, Item, Study

CONTROLS = ("original", "reference")
ASPECT = 0.02  # largest relative difference of two aspect ratios that is resized away
GRAY = (128, 128, 128)
JPEG = {"quality": 92, "subsampling": 0}
LETTERS = 26  # labels of the results on a page
NAMED = 3  # missing images that a message names


@dataclass(frozen=True)
class Sources:
    """Files and settings of a study.

    rows : CSV or JSONL with the columns name, request and original, and optionally reference and request_zh (any
        language); paths are relative to the table's folder
    systems : name -> folder with an image NAME.* of every row
    consent : language -> text that a rater agrees to
    controls : "original", "reference": columns of the table that are ranked like systems
    missing_as_original : a row of which a system has no image is shown as the untouched original, instead of refused
    title : heading of all pages
    checks : attention checks of each rater
    repeats : items that each rater ranks twice
    side : longest side of the images, in pixels
    seed : of the order of items and results
    """

    rows: Path
    systems: Mapping[str, Path]
    consent: Mapping[str, str]
    controls: Sequence[str] = ()
    missing_as_original: bool = False
    title: str = "Image study"
    checks: int = 2
    repeats: int = 2
    side: int = 1280
    seed: int = 0
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", (*self.systems, *self.controls))
        if not self.consent or not set(self.consent) <= set(LANGUAGES):
            raise ValueError(
                f"consent texts must be given for one or more of {', '.join(LANGUAGES)}, got {sorted(self.consent)}; "
                "write your own text in each language"
            )
        if len(set(self.names)) != len(self.names) or not 2 <= len(self.names) <= LETTERS:
            raise ValueError(f"systems must have 2 to {LETTERS} different names, got {list(self.names)}")
        if unknown := set(self.controls) - set(CONTROLS):
            raise ValueError(f"a control must be one of {', '.join(CONTROLS)}, got {sorted(unknown)}")


def make_study(sources: Sources, out: Path) -> Study:
    """Write the images and study.json into a new folder.

    A result is resized to its original's size. If its aspect ratio differs by more than 2 %, it is shown whole, on gray.
    Then everything is reduced to `side`. All images are JPEG of one quality and without metadata, under random names:
    neither address, size nor compression tells the system.

    Raises
    ------
    ValueError : the table or the folders do not fit each other; the folder has a study; an image cannot be read
    """
    if (out / FILE).exists():
        raise ValueError(f"a made study must stay as it is, got {str(out)!r}, which has one; choose another folder")
    rows = _read_rows(sources)
    files = [dict(_files(sources, row)) for row in rows]
    folder = out / IMAGES
    shutil.rmtree(folder, ignore_errors=True)  # of a `make` that was interrupted
    folder.mkdir(parents=True)
    items = []
    for number, (row, paths) in enumerate(zip(tqdm(rows, "images", disable=None), files, strict=True)):
        original = _reduced(_open(Path(row["original"])), sources.side)
        items.append(
            Item(
                name=row["name"],
                requests={language: row.get(f"request_{language}") or row["request"] for language in sources.consent},
                original=_write(original, folder),
                results={name: _write(_fitted(_open(path), original), folder) for name, path in paths.items()},
                damaged=_write(ImageOps.invert(original), folder) if number < sources.checks else None,
            )
        )
    study = Study(
        title=sources.title,
        systems=sources.names,
        items=tuple(items),
        consent=dict(sources.consent),
        seed=sources.seed,
        repeats=min(sources.repeats, len(items)),
    )
    study.save(out)
    return study


def _read_rows(sources: Sources) -> list[dict[str, str]]:
    path = sources.rows
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    else:
        table = pd.read_json(path, lines=True, dtype=False).fillna("").astype(str)
    needed = {"name", "request", "original", *set(sources.controls)}
    if not len(table) or not needed <= set(table):
        raise ValueError(f"{path} must have rows with the columns {sorted(needed)}, got {len(table)} of {list(table)}")
    if table.name.duplicated().any():
        raise ValueError(
            f"names of rows must differ, got {table.name[table.name.duplicated()].iloc[0]!r} twice in {path}"
        )
    for column in needed & set(CONTROLS):
        table[column] = [str(path.parent / file) if file else "" for file in table[column]]
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _files(sources: Sources, row: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Yield (system, file) of a row, in the order of the systems."""
    for name, folder in sources.systems.items():
        found = [path for path in folder.glob(f"{escape(row['name'])}.*") if path.stem == row["name"]]
        if not found and sources.missing_as_original:
            found = [Path(row["original"])]
        if len(found) != 1:
            raise ValueError(
                f"the folder of a system must hold one image of every row, named {row['name']}.*, got "
                f"{[path.name for path in found[:NAMED]]} in {str(folder)!r} of {name!r}; "
                "a failed row may be shown as the original with --missing-as-original"
            )
        yield name, found[0]
    for name in sources.controls:
        if not row[name]:
            raise ValueError(f"a ranked control must have an image of every row, got no {name} of {row['name']!r}")
        yield name, Path(row[name])


def _open(path: Path) -> Image.Image:
    return Image.fromarray(to_8_bits(read_image(path)))


def _reduced(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return image


def _fitted(image: Image.Image, original: Image.Image) -> Image.Image:
    """Resize to the original's size; another aspect ratio is kept and put on gray."""
    aspect = (image.width / image.height) / (original.width / original.height)
    if abs(aspect - 1) > ASPECT:
        return ImageOps.pad(image, original.size, Image.Resampling.LANCZOS, GRAY)
    return image.resize(original.size, Image.Resampling.LANCZOS)


def _write(image: Image.Image, folder: Path) -> str:
    name = f"{secrets.token_hex(12)}.jpg"
    with replacing(folder / name) as partial:
        image.save(partial, "JPEG", **JPEG)
    return name

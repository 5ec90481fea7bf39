"""Read items and edited images: from rows of an evaluation or a CSV file, from folders of images or results.

A folder of images has one file per item, at any depth: of a row as `iea.recipe.evaluation.image_folder` says, else of the item's
name. Results are those of `iea evaluate`; their programs are rendered.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from iea.data_prep.check import read_checked
from iea.editor import ProgramError
from iea.editor.io import read_image, regular, write_image
from iea.recipe.evaluation.compare.items import ORIGINAL, REFERENCE, Edits, Item
from iea.recipe.evaluation.editors import OURS, editor_of
from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.image_folder import find_image, image_names, list_images
from iea.reward_fns.tasks import SOURCES

NAME = re.compile(r"(?!\.)[\w.+-]{1,64}")  # of a system: also that of a folder, and a word of a table


def read_edits(systems: Sequence[str], data: Path, images: Path) -> Edits:
    """Read the edits of all systems.

    Parameters
    ----------
    systems : NAME=PATH, a folder of images or a parquet file of results; or "original" or "reference" alone
    data : rows or CSV of `read_items`
    images : folder to render results into, as NAME/ITEM.png

    Raises
    ------
    ValueError : a system is not as above, or the errors of `read_items` and Edits
    OSError : a file cannot be read or written
    """
    places = dict(map(_place, systems))
    if len(places) < len(systems):
        raise ValueError(f"systems must have different names, got {' '.join(systems)}")
    items = read_items(data)
    found = {name: _images(path, items, images / name) for name, path in places.items() if path is not None}
    return Edits(items, found, tuple(places))


def _place(system: str) -> tuple[str, Path | None]:
    name, given, path = system.partition("=")
    own = name in (ORIGINAL, REFERENCE)
    if own == bool(given) or not NAME.fullmatch(name) or not (own or Path(path).exists()):
        rule = "NAME=PATH with an existing folder of images or file of results, or original, or reference"
        raise ValueError(f"a system must be {rule}, got {system!r}")
    return name, Path(path) if given else None


def read_items(data: Path) -> list[Item]:
    """Read the items.

    Parameters
    ----------
    data : verl RL parquet, of which the rows whose answer is a program are used, each named by its `index`; or a CSV file
        with the columns original, request and optionally reference, name (default: the original's without its suffix)
        and photo (default: the original), with paths relative to the file

    Raises
    ------
    ValueError : other columns, no rows, or a row that cannot be used
    OSError : an image does not exist
    """
    items = _csv_items(data) if data.suffix.lower() == ".csv" else _row_items(data)
    for path in {path for item in items for path in (item.original, item.reference) if path}:
        regular(path)
    return items


def _row_items(data: Path) -> list[Item]:
    table = read_checked(data, "EVALUATED")
    return [
        Item(
            name=str(extra["index"]),
            photo=extra["photo"],
            request=extra.get("text") or "",
            original=Path(extra.get("previous") or extra["original"]),
            reference=Path(extra["reference"]),
            also=image_names(extra["name"], extra["index"]),
        )
        for source, extra in zip(table.data_source, table.extra_info, strict=True)
        if source in SOURCES and "d_after" in SOURCES[source].reported
    ]


def _csv_items(data: Path) -> list[Item]:
    table = pd.read_csv(regular(data), dtype=str, keep_default_na=False)
    if missing := {"original", "request"} - set(table.columns):
        raise ValueError(f"{str(data)!r} must have the columns original and request, got no {min(missing)}")
    return [
        Item(
            name=row.get("name") or Path(row["original"]).stem,
            photo=row.get("photo") or row["original"],
            request=row["request"],
            original=data.parent / row["original"],
            reference=data.parent / row["reference"] if row.get("reference") else None,
        )
        for row in table.to_dict("records")
    ]


def _images(path: Path, items: Sequence[Item], out: Path) -> Mapping[str, Path]:
    return folder_images(path, items) if path.is_dir() else result_images(path, items, out)


def folder_images(folder: Path, items: Sequence[Item]) -> dict[str, Path]:
    """Find the image of every item in a folder; one that is missing or cannot be read is left out, a failed item.

    Raises
    ------
    ValueError : an item has several files
    """
    files = list_images(folder)
    found = {item.name: find_image(files, dict.fromkeys((item.name, *item.also))) for item in items}
    return {name: path for name, path in found.items() if path and _readable(path)}


def _readable(path: Path) -> bool:
    try:
        read_image(path)
    except (OSError, ValueError):
        return False
    return True


def result_images(results: Path, items: Sequence[Item], out: Path) -> dict[str, Path]:
    """Find the image of every item in the results of an evaluation.

    It is the file that the column `edited` names, if there is one, or else the rendered program, written to `out` as PNG. A
    row with neither is left out, a failed item.
    """
    names, found = {item.name for item in items}, dict[str, Path]()
    for row in read_results(results).to_dict("records"):
        name, edited = str(row["index"]), Path(row.get("edited") or out / f"{row['index']}.png")
        if name not in names:
            continue
        if not row.get("edited"):
            try:
                image = editor_of(row.get("editor") or OURS).edit(read_image(row["original"]), str(row["answer"]))
            except ProgramError:
                continue
            out.mkdir(parents=True, exist_ok=True)
            write_image(edited, image)
        if _readable(edited):
            found[name] = edited
    return found

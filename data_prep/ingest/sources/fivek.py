"""MIT-Adobe FiveK: 5,000 raw photographs, each retouched by five experts (A to E).

Bychkovsky et al. (2011), "Learning Photographic Global Tonal Adjustment with a Database of Input / Output Image Pairs".
Layout as github.com/yuukicammy/mit-adobe-fivek-dataset leaves it, folders anywhere below the root:

- `*.dng`, the originals; where a folder `tiff16_o` (our name) holds the same photograph exported, that is used instead
- `tiff16_a` to `tiff16_e`, 16 bits, ProPhoto RGB: taken for that where a file has lost its profile
- `training.json`, `validation.json`, `testing.json`: name -> {id, license, categories, camera}
- `filesAdobe.txt`, `filesAdobeMIT.txt`: which photograph is under which licence, where no JSON says it
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split

EXPERTS = "abcde"
SPLIT_FILES: Mapping[str, Split] = {"training.json": "train", "validation.json": "val", "testing.json": "test"}
LICENCE_FILES = {"filesAdobe.txt": "Adobe", "filesAdobeMIT.txt": "AdobeMIT"}
LICENCE = "MIT-Adobe FiveK: for research only, under LicenseAdobe.txt or LicenseAdobeMIT.txt of the data set."
_NUMBERED = re.compile(r"a(\d{4})(?!\d)")


def photo_id(number: int) -> str:
    """The scene of FiveK's photograph a<number>."""
    return f"fivek:{number:04d}"


def list_fivek(root: Path) -> Iterator[Listed | Rejected]:
    """A pair for every photograph and expert at hand; a photograph without any expert stands alone.

    Raises
    ------
    ValueError : no original below `root`
    """
    originals = {path.stem: path for path in _files(root, ".dng")}
    originals |= {path.stem: path for path in _files(root, ".tif", ".tiff") if path.parent.name == "tiff16_o"}
    if not originals:
        raise ValueError(
            f"the root of fivek must hold originals (*.dng, or tiff16_o/*.tif) at any depth, got {str(root)!r} "
            "without any; name the folder that holds raw/ and tiff16_a/"
        )
    experts = {
        (path.stem, path.parent.name[-1]): path
        for path in _files(root, ".tif", ".tiff")
        if path.parent.name in {f"tiff16_{expert}" for expert in EXPERTS}
    }
    known, rejected = _annotations(root)
    yield from rejected
    licences = _licences(root)
    for stem, original in sorted(originals.items()):
        number = _NUMBERED.match(stem)
        if number is None:
            yield Rejected(file_name(stem), "malformed_name", f"{original} must be named as a0001-jmac_DSC1459")
            continue
        split, about = known.get(stem, ("", {}))
        kind = about.get("license") or licences.get(stem, "")
        one = Listed(
            source="fivek",
            name=file_name(stem),
            photo=photo_id(int(number[1])),
            original=original,
            split=split,
            licence=f"{LICENCE} This one: {kind}." if kind in LICENCE_FILES.values() else LICENCE,
            categories=_categories(about),
            colours="prophoto",
        )
        found = [expert for expert in EXPERTS if (stem, expert) in experts]
        yield from (_pair(one, expert, experts[stem, expert]) for expert in found)
        if not found:
            yield one


def _pair(one: Listed, expert: str, reference: Path) -> Listed:
    categories = {**one.categories, "expert": expert}
    return replace(one, name=f"{one.name}/{expert}", reference=reference, categories=categories)


def _files(root: Path, *suffixes: str) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in suffixes and path.is_file())


def _annotations(root: Path) -> tuple[dict[str, tuple[Split, Mapping[str, Any]]], list[Rejected]]:
    """Split and record of every photograph that the JSON files name; which records, or files, cannot be read."""
    known: dict[str, tuple[Split, Mapping[str, Any]]] = {}
    rejected = []
    for path in sorted(path for name in SPLIT_FILES for path in root.rglob(name)):
        try:
            records = dict(json.loads(path.read_bytes()))
        except (OSError, TypeError, ValueError, RecursionError) as error:
            text = f"{path} must be a JSON object: {error}"
            rejected.append(Rejected(file_name(path.name), "malformed_json", text))
            continue
        for stem, about in records.items():
            if isinstance(about, dict):
                known[stem] = (SPLIT_FILES[path.name], about)
            else:
                text = f"{path}: {stem!r} must be an object, got {type(about).__name__}"
                rejected.append(Rejected(file_name(stem), "malformed_row", text))
    return known, rejected


def _licences(root: Path) -> dict[str, str]:
    """Photograph -> licence, from the two lists that the data set comes with."""
    found = {}
    for name, licence in LICENCE_FILES.items():
        for path in sorted(root.rglob(name)):
            for line in path.read_text(errors="replace").splitlines():
                found[line.strip().removesuffix(".dng")] = licence
    return found


def _categories(about: Mapping[str, Any]) -> dict[str, str]:
    """Location, time, light, subject and camera, where they are texts that say something."""
    categories, camera = about.get("categories"), about.get("camera")
    said: dict[str, Any] = dict(categories) if isinstance(categories, dict) else {}
    if isinstance(camera, dict):
        said["camera"] = f"{camera.get('make', '')} {camera.get('model', '')}".strip()
    return {str(key): value for key, value in said.items() if isinstance(value, str) and value not in ("", "unknown")}


SOURCE = Source(name="fivek", origin="data.csail.mit.edu/graphics/fivek", licence=LICENCE, list=list_fivek)

"""MIT-Adobe FiveK: 5,000 raw photographs, each retouched by five experts (A to E).

Bychkovsky et al. (2011), "Learning Photographic Global Tonal Adjustment with a Database of Input / Output Image Pairs".
Layout of github.com/yuukicammy/mit-adobe-fivek-dataset, with folders at any depth below the root:

- `*.dng`, the originals; if a folder `tiff16_o` (our name) holds the same photograph exported, that is used instead
- `tiff16_a` to `tiff16_e`, 16 bits, ProPhoto RGB, also for a file without a profile
- `training.json`, `validation.json`, `testing.json`: name -> {id, license, categories, camera}
- `filesAdobe.txt`, `filesAdobeMIT.txt`: the photographs under each license, if no JSON file says it
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
LICENSE_FILES = {"filesAdobe.txt": "Adobe", "filesAdobeMIT.txt": "AdobeMIT"}
LICENSE = "MIT-Adobe FiveK: for research only, under LicenseAdobe.txt or LicenseAdobeMIT.txt of the data set."
_NUMBERED = re.compile(r"a(\d{4})(?!\d)")


def photo_id(number: int) -> str:
    """Return the scene of FiveK's photograph a<number>."""
    return f"fivek:{number:04d}"


def list_fivek(root: Path) -> Iterator[Listed | Rejected]:
    """List a pair for every available photograph and expert; a photograph without an expert's version is listed alone.

    Raises
    ------
    ValueError : no original below `root`
    """
    tiffs = _files(root, ".tif", ".tiff")
    originals = {path.stem: path for path in _files(root, ".dng")}
    originals |= {path.stem: path for path in tiffs if path.parent.name == "tiff16_o"}
    if not originals:
        raise ValueError(
            f"the root of fivek must hold originals (*.dng, or tiff16_o/*.tif) at any depth, got {str(root)!r} "
            "without any; name the folder that holds raw/ and tiff16_a/"
        )
    folders = {f"tiff16_{expert}": expert for expert in EXPERTS}
    versions = {(path.stem, folders[path.parent.name]): path for path in tiffs if path.parent.name in folders}
    known, rejected = _annotations(root)
    yield from rejected
    licenses = _licenses(root)
    for stem, original in sorted(originals.items()):
        number = _NUMBERED.match(stem)
        if number is None:
            yield Rejected(file_name(stem), "malformed_name", f"{original} must be named as a0001-jmac_DSC1459")
            continue
        split, about = known.get(stem, ("", {}))
        kind = about.get("license") or licenses.get(stem, "")
        one = Listed(
            source="fivek",
            name=file_name(stem),
            photo=photo_id(int(number[1])),
            original=original,
            split=split,
            license=f"{LICENSE} This one: {kind}." if kind in LICENSE_FILES.values() else LICENSE,
            categories=_categories(about),
            colors="prophoto",
        )
        pairs = [
            replace(one, name=f"{one.name}/{expert}", reference=path, categories={**one.categories, "expert": expert})
            for expert in EXPERTS
            if (path := versions.get((stem, expert)))
        ]
        yield from pairs or [one]


def _files(root: Path, *suffixes: str) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in suffixes and path.is_file())


def _annotations(root: Path) -> tuple[dict[str, tuple[Split, Mapping[str, Any]]], list[Rejected]]:
    """Return split and record of every photograph in the JSON files, and the unreadable records or files."""
    known: dict[str, tuple[Split, Mapping[str, Any]]] = {}
    rejected = []
    for path in sorted(path for name in SPLIT_FILES for path in root.rglob(name)):
        try:
            records = dict(json.loads(path.read_bytes()))
        except (OSError, TypeError, ValueError, RecursionError) as error:
            rejected.append(Rejected(file_name(path.name), "malformed_json", f"{path} must be a JSON object: {error}"))
            continue
        for stem, about in records.items():
            if isinstance(about, dict):
                known[stem] = (SPLIT_FILES[path.name], about)
            else:
                text = f"{path}: {stem!r} must be an object, got {type(about).__name__}"
                rejected.append(Rejected(file_name(stem), "malformed_row", text))
    return known, rejected


def _licenses(root: Path) -> dict[str, str]:
    """Return photograph -> license, from the two lists of the data set."""
    return {
        line.strip().removesuffix(".dng"): license
        for name, license in LICENSE_FILES.items()
        for path in sorted(root.rglob(name))
        for line in path.read_text(errors="replace").splitlines()
    }


def _categories(about: Mapping[str, Any]) -> dict[str, str]:
    """Return location, time, light, subject and camera, without empty and unknown ones."""
    categories, camera = about.get("categories"), about.get("camera")
    found: dict[str, Any] = dict(categories) if isinstance(categories, dict) else {}
    if isinstance(camera, dict):
        found["camera"] = f"{camera.get('make', '')} {camera.get('model', '')}".strip()
    return {str(key): value for key, value in found.items() if isinstance(value, str) and value not in ("", "unknown")}


SOURCE = Source(name="fivek", origin="data.csail.mit.edu/graphics/fivek", license=LICENSE, list=list_fivek)

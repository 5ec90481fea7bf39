"""MIT-Adobe FiveK: 5,000 raw photographs, each retouched by five experts (A to E).

Bychkovsky et al. (2011), "Learning Photographic Global Tonal Adjustment with a Database of Input / Output Image Pairs".
Layout of github.com/yuukicammy/mit-adobe-fivek-dataset, with folders at any depth below the root:

- `*.dng`, the originals; if a folder `tiff16_o` (our name) holds the same photograph exported, that is used instead
- `tiff16_a` to `tiff16_e`, 16 bits, ProPhoto RGB, also for a file without a profile
- `training.json`, `validation.json`, `testing.json`: name -> {id, license, categories, camera}
- `filesAdobe.txt`, `filesAdobeMIT.txt`: the photographs under each license, if no JSON file says it
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.ingest.sources.records import file_name, read_object
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split
from iea.data_prep.ingest.sources.walk import files_below
from iea.editor.io import regular

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
    files, rejected = files_below(root)
    raws = [path for path in files if path.suffix.lower() == ".dng"]
    exported = [path for path in files if path.parent.name == "tiff16_o" and path.suffix.lower() in DECODABLE_SUFFIXES]
    if not raws and not exported:
        raise ValueError(
            f"the root of fivek must hold originals (*.dng, or tiff16_o/*.tif) at any depth, got {str(root)!r} "
            "without any; name the folder that holds raw/ and tiff16_a/"
        )
    originals = _by_stem(raws, rejected) | _by_stem(exported, rejected)
    versions = _versions(files, originals, rejected)
    known = _annotations(files, rejected)
    licenses = _licenses(files, rejected)
    yield from rejected
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
            if (path := versions[expert].get(stem))
        ]
        yield from pairs or [one]


def _by_stem(files: Iterable[Path], rejected: list[Rejected]) -> dict[str, Path]:
    """Return the first file of each name without its suffix; the others are rejected."""
    found: dict[str, Path] = {}
    for path in files:
        if found.setdefault(path.stem, path) != path:
            text = f"{path} has the name of {found[path.stem]}"
            rejected.append(Rejected(file_name(path.stem), "duplicate_file", text))
    return found


def _versions(
    files: Sequence[Path], originals: Mapping[str, Path], rejected: list[Rejected]
) -> dict[str, dict[str, Path]]:
    """Return expert -> photograph -> file; a file without an original is rejected."""
    versions = {}
    for expert in EXPERTS:
        own = [path for path in files if path.parent.name == f"tiff16_{expert}"]
        versions[expert] = _by_stem((path for path in own if path.suffix.lower() in DECODABLE_SUFFIXES), rejected)
        for stem, path in versions[expert].items():
            if stem not in originals:
                rejected.append(Rejected(f"{file_name(stem)}/{expert}", "no_original", f"{path} has no original"))
    return versions


def _annotations(files: Sequence[Path], rejected: list[Rejected]) -> dict[str, tuple[Split, Mapping[str, Any]]]:
    """Return split and record of every photograph in the JSON files; unreadable records or files are rejected."""
    known: dict[str, tuple[Split, Mapping[str, Any]]] = {}
    for path in (path for name in SPLIT_FILES for path in files if path.name == name):
        content = read_object(path)
        if isinstance(content, Rejected):
            rejected.append(content)
            continue
        for stem, about in content.items():
            if isinstance(about, dict):
                known[stem] = (SPLIT_FILES[path.name], about)
            else:
                text = f"{path}: {stem!r} must be an object, got {type(about).__name__}"
                rejected.append(Rejected(file_name(stem), "malformed_row", text))
    return known


def _licenses(files: Sequence[Path], rejected: list[Rejected]) -> dict[str, str]:
    """Return photograph -> license, from the two lists of the data set."""
    licenses: dict[str, str] = {}
    for path in (path for name in LICENSE_FILES for path in files if path.name == name):
        try:
            lines = regular(path).read_text(errors="replace").splitlines()
        except OSError as error:
            rejected.append(Rejected(file_name(path.name), "unreadable_annotations", f"{path}: {error.strerror}"))
            continue
        licenses |= {line.strip().removesuffix(".dng"): LICENSE_FILES[path.name] for line in lines}
    return licenses


def _categories(about: Mapping[str, Any]) -> dict[str, str]:
    """Return location, time, light, subject and camera, without empty and unknown ones."""
    categories, camera = about.get("categories"), about.get("camera")
    found: dict[str, Any] = dict(categories) if isinstance(categories, dict) else {}
    if isinstance(camera, dict):
        found["camera"] = f"{camera.get('make', '')} {camera.get('model', '')}".strip()
    return {str(key): value for key, value in found.items() if isinstance(value, str) and value not in ("", "unknown")}


SOURCE = Source(name="fivek", origin="data.csail.mit.edu/graphics/fivek", license=LICENSE, list=list_fivek)

"""MMArt and its benchmark, as JarvisArt and JarvisEvo read them: one folder for each item, at any depth below the root.

A folder holds `before` and `processed` (in newer sets `input` and `gt`), .jpg or .png, and the requests in `user_want.txt` and
`user_want_*.txt`. An item with `box.txt`, or with a box in its request, asks for an edit of a part of the image: its scope is local.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.ingest.sources.records import file_name, requests
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source
from iea.data_prep.ingest.sources.walk import files_below
from iea.editor.io import regular

BEFORE, AFTER = ("before", "input"), ("processed", "gt")
LICENSE = (
    "MMArt: see the terms of its authors; the published part is made from PPR10K, for non-commercial research only."
)
_REQUESTS = re.compile(r"user_want(_\w+)?\.txt")
_BOX = re.compile(r"<box>.*?</box>", re.DOTALL)


def list_mmart(root: Path) -> Iterator[Listed | Rejected]:
    """List the pair of every folder with an image before the edit.

    Raises
    ------
    ValueError : the folder does not exist
    """
    files, rejected = files_below(root)
    yield from rejected
    items: dict[Path, list[Path]] = {}
    for path in files:
        items.setdefault(path.parent, []).append(path)
    found = False
    for folder, inside in sorted(items.items()):
        if before := _image(inside, BEFORE):
            found = True
            yield _listed(root, folder, inside, before)
    if not found:
        raise ValueError(
            f"the root of mmart must hold folders with before.jpg and processed.jpg at any depth, got {str(root)!r}"
        )


def _image(files: list[Path], stems: tuple[str, ...]) -> Path | None:
    found = [path for path in files if path.stem in stems and path.suffix.lower() in DECODABLE_SUFFIXES]
    return found[0] if found else None


def _listed(root: Path, folder: Path, files: list[Path], before: Path) -> Listed | Rejected:
    name = file_name(folder.relative_to(root).as_posix())
    after = _image(files, AFTER)
    if after is None:
        return Rejected(name, "no_reference", f"{folder} has no {' or '.join(AFTER)}")
    try:
        texts = [regular(path).read_text(encoding="utf-8-sig") for path in files if _REQUESTS.fullmatch(path.name)]
        amateur = requests([_BOX.sub("", text) for text in texts], "user_want")
    except OSError as error:
        return Rejected(name, "unreadable_annotations", f"{folder}: {error.strerror}")
    except UnicodeError as error:
        return Rejected(name, "odd_text", f"{folder}: a request must be valid Unicode ({error})")
    local = any(path.name == "box.txt" for path in files) or any(map(_BOX.search, texts))
    return Listed(
        source="mmart",
        name=name,
        photo=f"mmart:{name}",
        original=before,
        reference=after,
        amateur=amateur,
        split="test",
        license=LICENSE,
        categories={"scope": "local"} if local else {},
    )


SOURCE = Source("mmart", origin="github.com/LYL1015/JarvisArt and JarvisEvo", license=LICENSE, list=list_mmart)
